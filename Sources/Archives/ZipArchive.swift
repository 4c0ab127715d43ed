import CZip
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A zip archive that is read: entries by name, stored or deflated, each whole in memory.
///
/// Every size is checked before memory is taken for it. An entry cannot declare more than deflate could make of what is
/// stored for it, all entries together cannot store more than the file has, and a caller says how large an entry it wants.
/// So neither overlapping entries nor a false size let a small file take much memory. Nothing is written to any folder, so
/// that a name with `..` in it is only a name.
public final class ZipArchive {
  /// What errors call the archive.
  public let name: String
  /// The entries in the order of the archive's directory; no name is there twice. A folder's name ends with `/`.
  public let entries: [Entry]

  /// The archive's own size.
  public let byteCount: Int

  /// What the archive's directory says of an entry.
  public struct Entry: Equatable, Sendable {
    /// The whole path, as UTF-8.
    public let name: String
    /// Bytes once inflated.
    public let size: Int
    let index: UInt64
  }

  /// The most entries that are accepted.
  public static let maximumEntries = 1 << 16
  /// The most bytes that deflate makes of one (RFC 1951: 258 of 2 bits, twice).
  private static let deflateRatio = 1032

  private let handle: OpaquePointer

  /// Opens a file and reads its directory.
  ///
  /// - Throws: `InputError` where the file is missing, no regular file, no zip archive, or a damaged or hostile one;
  ///   `SystemError` where the machine has no memory for it.
  public convenience init(path: String) throws {
    try ZipLibrary.start()
    // Non-blocking, so that opening a named pipe returns instead of waiting for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.unreadable(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let file = fdopen(descriptor, "rb")
    else {
      close(descriptor)
      throw InputError(path, found: "is not a regular file", expected: "a zip archive")
    }
    var error = zip_error()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_filep_create(file, 0, -1, &error) else {
      fclose(file)
      throw Self.failure(&error, path)
    }
    try self.init(source: source, bytes: Int(status.st_size), name: path)
  }

  /// Opens an archive in memory; `name` is what errors call it.
  ///
  /// - Throws: as `init(path:)`.
  public convenience init(bytes: [UInt8], name: String) throws {
    try ZipLibrary.start()
    var error = zip_error()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = try zipSource(of: bytes, &error) else { throw Self.failure(&error, name) }
    try self.init(source: source, bytes: bytes.count, name: name)
  }

  private init(source: OpaquePointer, bytes: Int, name: String) throws {
    // libzip takes no bytes for an archive without entries.
    guard bytes > 0 else {
      zip_source_free(source)
      throw InputError(name, found: "is empty", expected: "a zip archive")
    }
    var error = zip_error()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let handle = zip_open_from_source(source, ZIP_RDONLY, &error) else {
      zip_source_free(source)
      throw Self.failure(&error, name)
    }
    do {
      entries = try Self.directory(of: handle, bytes: bytes, name: name)
    } catch {
      zip_discard(handle)
      throw error
    }
    self.name = name
    byteCount = bytes
    self.handle = handle
  }

  deinit { zip_discard(handle) }

  /// The entry of this name; nil where there is none.
  public subscript(name: String) -> Entry? { places[name].map { entries[$0] } }

  private lazy var places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })

  /// The bytes of an entry, whose checksum (CRC-32) has been found right.
  ///
  /// - Parameters:
  ///   - entry: its name.
  ///   - limit: the most bytes that the caller has a use for.
  /// - Throws: `InputError` where there is no such entry, it is larger, encrypted, compressed in another way, or damaged.
  public func bytes(of entry: String, limit: Int) throws -> [UInt8] {
    guard let found = self[entry] else {
      throw InputError(name, found: "has no entry \(entry)", expected: "one of \(listed)")
    }
    let location = "\(name): \(entry)"
    guard found.size <= limit else {
      throw InputError(location, found: "has \(found.size) bytes", expected: "at most \(limit)")
    }
    guard let file = zip_fopen_index(handle, found.index, 0) else { throw damaged(location, zip_get_error(handle)) }
    defer { zip_fclose(file) }
    return try [UInt8](unsafeUninitializedCapacity: found.size) { buffer, count in
      while count < found.size {
        let got = zip_fread(file, buffer.baseAddress! + count, UInt64(found.size - count))
        guard got >= 0 else { throw damaged(location, zip_file_get_error(file)) }
        guard got > 0 else {
          throw InputError(location, found: "ends after \(count) bytes", expected: "the \(found.size) of its directory")
        }
        count += Int(got)
      }
      // The checksum is compared where the entry ends, and more than its size may still come.
      var more: UInt8 = 0
      let got = zip_fread(file, &more, 1)
      guard got >= 0 else { throw damaged(location, zip_file_get_error(file)) }
      guard got == 0 else {
        throw InputError(
          location, found: "goes on after \(found.size) bytes", expected: "no more than its directory says")
      }
    }
  }

  /// The first names, for messages.
  private var listed: String {
    let names = entries.prefix(8).map(\.name).joined(separator: ", ")
    return entries.isEmpty ? "none: the archive is empty" : entries.count > 8 ? names + ", …" : names
  }

  private static func directory(of handle: OpaquePointer, bytes: Int, name: String) throws -> [Entry] {
    let count = Int(clamping: zip_get_num_entries(handle, 0))
    guard (0...maximumEntries).contains(count) else {
      throw InputError(name, found: "has \(count) entries", expected: "at most \(maximumEntries)")
    }
    var (entries, names, stored) = ([Entry](), Set<String>(), 0)
    for index in 0..<UInt64(count) {
      var status = zip_stat_t()
      zip_stat_init(&status)
      let wanted = UInt64(ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD)
      guard zip_stat_index(handle, index, 0, &status) == 0, status.valid & wanted == wanted,
        let text = status.name.map({ String(cString: $0) })
      else { throw InputError(name, found: "entry \(index) has no name or size", expected: "an intact zip archive") }
      let location = "\(name): \(text)"
      guard status.encryption_method == ZIP_EM_NONE else {
        throw InputError(location, found: "is encrypted", expected: "an archive without a password")
      }
      guard status.comp_method == ZIP_CM_STORE || status.comp_method == ZIP_CM_DEFLATE else {
        throw InputError(
          location, found: "is compressed by method \(status.comp_method)", expected: "stored (0) or deflated (8)")
      }
      let (size, compressed) = (Int(clamping: status.size), Int(clamping: status.comp_size))
      guard compressed <= bytes - stored else {
        throw InputError(
          location, found: "and the entries before it store more than the archive's \(bytes) bytes",
          expected: "entries that do not overlap")
      }
      stored += compressed
      let most =
        status.comp_method == ZIP_CM_STORE ? compressed : min(compressed, Int.max / deflateRatio) * deflateRatio
      guard size <= most else {
        throw InputError(
          location, found: "declares \(size) bytes and stores \(compressed)", expected: "at most \(most) from these")
      }
      guard names.insert(text).inserted else {
        throw InputError(location, found: "is in the archive twice", expected: "each name once")
      }
      entries.append(Entry(name: text, size: size, index: index))
    }
    return entries
  }

  private func damaged(_ location: String, _ error: UnsafeMutablePointer<zip_error_t>?) -> any Error {
    error.map { Self.failure($0, location) } ?? InputError(location, found: "is damaged", expected: "an intact entry")
  }

  private static func failure(_ error: UnsafeMutablePointer<zip_error_t>, _ location: String) -> any Error {
    zipFailure(error, location, expected: "an intact zip archive")
  }

  private static func unreadable(_ path: String) -> InputError {
    InputError(path, found: "cannot be read: \(String(cString: strerror(errno)))")
  }
}

/// What libzip said, in lower case; full memory is the machine's matter.
func zipFailure(_ error: UnsafeMutablePointer<zip_error_t>, _ location: String, expected: String) -> any Error {
  let text = zip_error_strerror(error).map { String(cString: $0) } ?? "no reason given"
  let found = text.prefix(1).lowercased() + text.dropFirst()
  return zip_error_code_zip(error) == ZIP_ER_MEMORY
    ? SystemError(location, found: "no memory", expected: "memory for the archive")
    : InputError(location, found: found, expected: expected)
}

/// A copy of the bytes that libzip owns and frees; nil, and the error, where it does not take them.
/// - Throws: `SystemError` without memory.
func zipSource(of bytes: [UInt8], _ error: UnsafeMutablePointer<zip_error_t>) throws -> OpaquePointer? {
  guard let copy = malloc(max(1, bytes.count)) else {
    throw SystemError("memory", found: "no \(bytes.count) bytes left", expected: "memory for a zip archive")
  }
  bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count) }
  guard let source = zip_source_buffer_create(copy, UInt64(bytes.count), 1, error) else {
    free(copy)
    return nil
  }
  return source
}
