import CHDF5

/// Where a path leads.
enum Resolution {
  case missing
  case object(Handle)
  /// The last component is a link of this kind, which is never followed: it leads out of the file or to code.
  case refused(String)
}

/// The parts of a path; empty ones and `.` mean nothing in HDF5, and `..` is a name like any other.
func components(_ path: String) -> [String] {
  path.split(separator: "/").filter { $0 != "." }.map(String.init)
}

extension HDF5Group {
  /// Follows `path` one component at a time.
  ///
  /// HDF5 would follow every link by itself, those out of the file too: hence only hard links are left to it.
  func resolve(_ path: String) throws -> Resolution {
    var object = path.hasPrefix("/") ? try rootGroup().handle : handle
    var pending = Array(components(path).reversed())
    var softLinks = 0
    while let name = pending.popLast() {
      guard H5Iget_type(object.id) == H5I_GROUP, try exists(name, in: object, path) else { return .missing }
      var valueSize = 0
      let linkClass = try check(chdf5_link(object.id, name, &valueSize), pathLocation(path), "a readable link")
      switch linkClass {
      case H5L_TYPE_HARD.rawValue:
        object = try Handle(
          H5Oopen(object.id, name, chdf5_default()), in: source.handle, pathLocation(path), "a readable object")
      case H5L_TYPE_SOFT.rawValue:
        softLinks += 1
        guard softLinks <= HDF5Limits.softLinks else {
          throw source.error(
            absolute(path), "leads through more than \(HDF5Limits.softLinks) soft links",
            expected: "a path without a loop")
        }
        let target = try softLinkTarget(name, in: object, size: valueSize, path)
        if target.hasPrefix("/") { object = try rootGroup().handle }
        pending += components(target).reversed()
      default:
        let kind = linkClass == H5L_TYPE_EXTERNAL.rawValue ? "an external link" : "a user-defined link"
        guard pending.isEmpty else { throw refusal(path, kind) }
        return .refused(kind)
      }
    }
    return .object(object)
  }

  func refusal(_ path: String, _ kind: String) -> HDF5Error {
    source.error(absolute(path), "leads through \(kind)", expected: "a link inside the file")
  }

  private func exists(_ name: String, in object: Handle, _ path: String) throws -> Bool {
    try check(H5Lexists(object.id, name, chdf5_default()), pathLocation(path), "a readable group") > 0
  }

  private func pathLocation(_ path: String) -> String { source.location(absolute(path)) }

  private func softLinkTarget(_ name: String, in group: Handle, size: Int, _ path: String) throws -> String {
    guard (1...HDF5Limits.softLinkBytes).contains(size) else {
      throw source.error(
        absolute(path), "leads through a soft link with a target of \(size) bytes",
        expected: "1 to \(HDF5Limits.softLinkBytes)")
    }
    var bytes = [CChar](repeating: 0, count: size)
    try check(
      H5Lget_val(group.id, name, &bytes, size, chdf5_default()), pathLocation(path), "a readable soft link")
    guard let target = String(validating: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) else {
      throw source.error(absolute(path), "leads through a soft link that is not UTF-8", expected: "UTF-8")
    }
    return target
  }
}
