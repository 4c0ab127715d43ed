import CHDF5

/// The one owner of an HDF5 identifier: closes it when it goes, and keeps the file open until then.
final class Handle: Sendable {
  let id: hid_t
  private let file: Handle?

  /// Takes `id`, the result of an HDF5 call that opens or creates; throws where that call failed.
  init(_ id: hid_t, in file: Handle? = nil, _ location: @autoclosure () -> String, _ expected: String) throws {
    self.id = try check(id, location(), expected)
    self.file = file
  }

  deinit {
    // After an explicit close of the file the identifier is gone already, which H5Idec_ref reports and we ignore.
    _ = Library.locked { H5Idec_ref(id) }
  }
}

/// The file that objects belong to.
final class Source: Sendable {
  let path: String
  let handle: Handle
  /// The bytes in the file when it was opened for reading; nil for a file that is being written.
  let byteCount: Int?
  /// Whether numbers of its datasets may be replaced.
  let isUpdated: Bool

  init(path: String, handle: Handle, byteCount: Int?, isUpdated: Bool = false) {
    self.isUpdated = isUpdated
    self.path = path
    self.handle = handle
    self.byteCount = byteCount
  }

  func root() throws -> HDF5Group {
    let root = try Handle(H5Gopen2(handle.id, "/", chdf5_default()), in: handle, path, "a root group")
    return HDF5Group(handle: root, source: self, path: "")
  }

  /// The text that starts an error about `object`, a path without its leading slash; empty for the root.
  func location(_ object: String) -> String { object.isEmpty ? path : "\(path): \(object)" }

  func error(_ object: String, _ found: String, expected: String) -> HDF5Error {
    HDF5Error(location: location(object), found: found, expected: expected)
  }
}
