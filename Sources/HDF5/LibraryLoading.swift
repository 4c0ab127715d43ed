import CHDF5

extension Library {
  /// The names of libhdf5 in the release of our headers, Debian's first, and then those that compilers know.
  static let names: [String] = {
    let number = [10: 103, 12: 200, 14: 310][H5_VERS_MINOR]
    let endings = (number.map { [".\($0)"] } ?? []) + [""]
    return endings.flatMap { ["libhdf5_serial.so\($0)", "libhdf5.so\($0)"] }
  }()
}

/// Loads the first of these libraries that serves, each a name or path as `dlopen` takes it.
/// - Throws: an error of the last that is there and does not serve, or else of the first, which is not there.
package func loadHDF5(from names: [String]) throws(HDF5LibraryError) {
  var problem = [CChar](repeating: 0, count: 512)
  var found: String?
  for name in names {
    if chdf5_load(name, &problem) { return }
    let text = String(decoding: problem.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    if found == nil || !text.hasPrefix("\(name): cannot open") { found = text }
  }
  throw HDF5LibraryError(found: found ?? "not looked for", version: "\(H5_VERS_MAJOR).\(H5_VERS_MINOR)")
}
