#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file beside its place, called `NAME.NUMBER.tmp`, and locked for as long as its process lives: one that nobody holds
/// was left by a process that was killed.
final class TemporaryFile {
  let path: String
  private let descriptor: Int32
  private var isThere = true

  /// - Throws: `InputError` or `SystemError` where no file can be made beside `place`.
  init(for place: String) throws {
    var number = Int(getpid())
    while true {
      let path = "\(place).\(number).tmp"
      let descriptor = Unfinished.add(path) { open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      guard descriptor >= 0 else {
        // Another process of this number, in another container.
        guard errno == EEXIST else { throw systemError(place, expected: "a path that can be written") }
        number += 1
        continue
      }
      // Nobody waits here for long: who removes abandoned files lets go at once. It may have been this one.
      _ = flock(descriptor, LOCK_EX)
      guard FileLock.isAt(path, descriptor) else {
        close(descriptor)
        Unfinished.forget(path)
        continue
      }
      (self.path, self.descriptor) = (path, descriptor)
      return
    }
  }

  deinit {
    remove()
    close(descriptor)
  }

  /// Waits until the disk has it; `place` is what an error calls it.
  func sync(for place: String) throws {
    guard fsync(descriptor) == 0 else { throw systemError(place, expected: "a disk that takes it") }
  }

  /// Puts it in its place, and waits until the disk knows.
  func move(to place: String) throws {
    guard rename(path, place) == 0 else { throw systemError(place, expected: "a path that can be written") }
    isThere = false
    // A file system that cannot sync a folder has no say here.
    try? OutputFile.sync(OutputFile.folder(of: place), for: place)
  }

  private func remove() {
    if isThere { unlink(path) }
    isThere = false
    Unfinished.forget(path)
  }

  /// Removes what killed processes left in a folder.
  /// - Parameter isOurs: whether a temporary file for something of this name may be removed.
  static func removeAbandoned(in folder: String, where isOurs: (String) -> Bool) {
    guard let entries = opendir(folder) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      // Where it lies: an entry is only as long as its name, and the whole of `d_name` may end beyond the system's memory.
      let start = UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
      let name = String(cString: start.assumingMemoryBound(to: CChar.self))
      guard let place = self.place(ofTemporary: name), isOurs(place) else { continue }
      FileLock.removeAbandoned("\(folder)/\(name)")
    }
  }

  /// `run.json` of `run.json.4711.tmp`; nil for any other name.
  private static func place(ofTemporary name: String) -> String? {
    guard name.hasSuffix(".tmp") else { return nil }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 2, !parts[parts.count - 2].isEmpty,
      parts[parts.count - 2].utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return parts.dropLast(2).joined(separator: ".")
  }
}

/// Locks that the system releases when their process ends, however it ends.
enum FileLock {
  /// Whether `path` still leads to the open file, and not to nothing or a later one.
  static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
    var (open, there) = (stat(), stat())
    return fstat(descriptor, &open) == 0 && lstat(path, &there) == 0 && open.st_ino == there.st_ino
      && open.st_dev == there.st_dev
  }

  /// Removes a file that no process has locked. Where the file system has no locks, it stays.
  static func removeAbandoned(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isAt(path, descriptor) { unlink(path) }
  }
}
