import Glibc

/// Reads whole files, with a limit.
package enum FileBytes {
  /// The bytes of a regular file.
  ///
  /// - Throws: `InputError` where the file is missing, unreadable, not a regular file, or larger than `limit` bytes.
  package static func read(_ path: String, limit: Int) throws -> [UInt8] {
    // Non-blocking, so that opening a named pipe returns instead of waiting for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let found = status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a regular file"
      throw InputError(path, found: found, expected: "a file")
    }
    guard status.st_size <= limit else {
      throw InputError(path, found: "has \(status.st_size) bytes", expected: "at most \(limit)")
    }
    let size = Int(status.st_size)
    return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if got < 0 && errno == EINTR { continue }
        guard got >= 0 else { throw unreadable(path) }
        guard got > 0 else { return }
        count += got
      }
    }
  }

  /// How many bytes a file has; nil where there is none.
  package static func size(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// `count` bytes of a regular file from byte `offset` on, fewer where it has fewer.
  package static func part(of path: String, offset: Int, count: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw InputError(path, found: "is not a regular file", expected: "a file")
    }
    let size = max(0, min(count, Int(status.st_size) - offset))
    return try [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while initialized < size {
        let got = pread(descriptor, buffer.baseAddress! + initialized, size - initialized, offset + initialized)
        if got < 0 && errno == EINTR { continue }
        guard got >= 0 else { throw unreadable(path) }
        guard got > 0 else { return }
        initialized += got
      }
    }
  }

  /// The first bytes of a regular file, fewer where it has fewer.
  package static func start(_ path: String, count: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = max(0, pread(descriptor, buffer.baseAddress, count, 0))
    }
  }

  /// Writes a file without a temporary one, for a caller that has one.
  package static func write(_ bytes: [UInt8], now path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw systemError(path, expected: "a path that can be written") }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemError(path, expected: "room for the whole file") }
      written += count
    }
  }

  private static func unreadable(_ path: String) -> InputError {
    InputError(path, found: "cannot be read: \(String(cString: strerror(errno)))")
  }
}
