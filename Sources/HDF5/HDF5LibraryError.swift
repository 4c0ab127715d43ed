/// No file is at fault: libhdf5 cannot be used on this machine.
public struct HDF5LibraryError: Error, Equatable, CustomStringConvertible {
  private let line: HDF5Error

  /// - Parameters:
  ///   - found: why it cannot be used.
  ///   - version: what it has to be, as `1.10`.
  init(found: String, version: String) {
    line = HDF5Error(
      location: "libhdf5", found: found, expected: "version \(version), as the package libhdf5-dev brings it")
  }

  /// `libhdf5: found; expected expected`, on one line.
  public var description: String { line.description }
}
