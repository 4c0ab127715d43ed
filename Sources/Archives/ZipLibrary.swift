import CZip
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// libzip, which is loaded when a first archive asks for it.
enum ZipLibrary {
  private static let loaded = Result { () throws(SystemError) in
    try loadZip(from: ["libzip.so.4", "libzip.so.5", "libzip.so"])
  }

  /// - Throws: `SystemError` where there is no libzip. To be called before any of its functions.
  static func start() throws(SystemError) { try loaded.get() }
}

extension ZipArchive {
  /// libzip's version, `1.7.3`.
  /// - Throws: `SystemError` where there is no libzip.
  public static func libraryVersion() throws -> String {
    try ZipLibrary.start()
    return String(cString: zip_libzip_version())
  }
}

/// Loads the first of these libraries that serves, each a name or path as `dlopen` takes it.
package func loadZip(from names: [String]) throws(SystemError) {
  var found: String?
  for name in names {
    if czip_load(name) { return }
    found = found ?? dlerror().map { String(cString: $0) }
  }
  throw SystemError(
    names[0], found: found ?? "lacks what zip.h declares", expected: "libzip, as the package libzip-dev brings it")
}
