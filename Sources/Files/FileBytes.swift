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

  private static func unreadable(_ path: String) -> InputError {
    InputError(path, found: "cannot be read: \(String(cString: strerror(errno)))")
  }
}
