import CZip
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension ZipArchive {
  /// A zip archive of these entries in their order, each stored without compression; the same entries are the same bytes,
  /// for their time is always 1 January 1980.
  ///
  /// - Throws: `InputError` where a name is there twice or empty, `SystemError` without memory.
  public static func archive(of entries: [(name: String, bytes: [UInt8])], name: String) throws -> [UInt8] {
    try ZipLibrary.start()
    var error = zip_error()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    func failure(_ error: UnsafeMutablePointer<zip_error_t>, _ entry: String? = nil) -> any Error {
      zipFailure(error, entry.map { "\(name): \($0)" } ?? name, expected: "entries that make a zip archive")
    }
    guard let target = try zipSource(of: [], &error) else { throw failure(&error) }
    // libzip would free the bytes with the archive.
    zip_source_keep(target)
    defer { zip_source_free(target) }
    guard let handle = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error) else {
      zip_source_free(target)
      throw failure(&error)
    }
    var isOpen = true
    defer { if isOpen { zip_discard(handle) } }
    for entry in entries {
      guard let source = try zipSource(of: entry.bytes, &error) else { throw failure(&error, entry.name) }
      let index = zip_file_add(handle, entry.name, source, ZIP_FL_ENC_UTF_8)
      guard index >= 0 else {
        zip_source_free(source)
        throw failure(zip_get_error(handle), entry.name)
      }
      let place = UInt64(index)
      // 33 is the first day of 1980 in MS-DOS's calendar.
      guard zip_set_file_compression(handle, place, ZIP_CM_STORE, 0) == 0,
        zip_file_set_dostime(handle, place, 0, 33, 0) == 0,
        zip_file_set_external_attributes(handle, place, 0, UInt8(ZIP_OPSYS_UNIX), 0o100644 << 16) == 0
      else { throw failure(zip_get_error(handle), entry.name) }
    }
    guard zip_close(handle) == 0 else { throw failure(zip_get_error(handle)) }
    isOpen = false
    return try contents(of: target) { failure(zip_source_error(target)) }
  }

  private static func contents(of source: OpaquePointer, failure: () -> any Error) throws -> [UInt8] {
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_source_stat(source, &status) == 0, zip_source_open(source) == 0 else { throw failure() }
    defer { zip_source_close(source) }
    let size = Int(clamping: status.size)
    return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = zip_source_read(source, buffer.baseAddress! + count, UInt64(size - count))
        guard got > 0 else { throw failure() }
        count += Int(got)
      }
    }
  }
}
