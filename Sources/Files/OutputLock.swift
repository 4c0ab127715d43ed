#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Keeps two commands from writing the same output: a lock on a hidden file, `.espalier.lock` in a folder or `.NAME.lock`
/// beside a file. The system releases it when the process ends, however it ends; the file stays after a kill alone.
public enum OutputLock {
  /// Runs `body` while no other command writes into the folder at `path`, which is made where it is missing, and goes
  /// again where it is empty in the end.
  /// - Throws: `SystemError` where another command has the lock; `InputError` where there can be no such folder.
  public static func hold<Result>(folder path: String, _ body: () throws -> Result) throws -> Result {
    try hold(file(inFolder: path), for: path, body)
  }

  /// Runs `body` while no other command writes the file at `path`.
  public static func hold<Result>(file path: String, _ body: () throws -> Result) throws -> Result {
    // Nobody keeps others out of a device.
    let place = try OutputPlace(path)
    guard !place.isStream else { return try body() }
    let name = TemporaryFile.stem(of: OutputFile.name(of: place.path))
    return try hold("\(OutputFile.folder(of: place.path))/.\(name).lock", for: path, body)
  }

  /// Whether somebody works in the folder, or was killed there.
  public static func isMarked(folder path: String) -> Bool { OutputFile.isFile(file(inFolder: path)) }

  private static func file(inFolder path: String) -> String { "\(path)/.espalier.lock" }

  private static func hold<Result>(_ file: String, for output: String, _ body: () throws -> Result) throws -> Result {
    let folders = OutputFile.missingFolders(to: OutputFile.folder(of: file))
    for path in folders { Unfinished.add(path) }
    defer {
      for path in folders.reversed() {
        rmdir(path)
        Unfinished.forget(path)
      }
    }
    let descriptor = try acquire(file, for: output)
    Unfinished.add(file)
    defer {
      // Removed while it is locked: who opened it before sees afterwards that it is no longer there.
      unlink(file)
      Unfinished.forget(file)
      close(descriptor)
    }
    return try body()
  }

  private static func acquire(_ file: String, for output: String) throws -> Int32 {
    // Only another command that ends at this moment makes a second attempt necessary.
    for _ in 0..<100 {
      try OutputFile.makeFolder(OutputFile.folder(of: file))
      let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else {
        if errno == ENOENT { continue }
        throw systemError(output, expected: "a place that can be written")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        let owner = Self.owner(descriptor)
        close(descriptor)
        throw SystemError(
          output, found: "in use by \(owner)", expected: "an output that no other command is writing")
      }
      // A file system without locks keeps nobody out.
      guard FileLock.isAt(file, descriptor) else {
        close(descriptor)
        continue
      }
      ftruncate(descriptor, 0)
      let number = Array("\(getpid())\n".utf8)
      _ = pwrite(descriptor, number, number.count, 0)
      return descriptor
    }
    throw SystemError(output, found: "a lock that does not stay", expected: "a place that can be written")
  }

  /// The process that has written its number into the lock's file.
  private static func owner(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let number = bytes.prefix(max(0, count)).prefix { (48...57).contains($0) }
    return number.isEmpty ? "another process" : "process \(String(decoding: number, as: UTF8.self))"
  }
}
