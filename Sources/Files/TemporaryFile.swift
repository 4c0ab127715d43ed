#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file beside its place, called `NAME.NUMBER.tmp`, and locked for as long as its process lives: one that nobody holds
/// was left by a process that was killed. Of a name so long that this one would be too long it has the beginning.
final class TemporaryFile {
  let path: String
  private let descriptor: Int32
  private var isThere = true

  /// - Parameters:
  ///   - place: where the file will be.
  ///   - name: what errors call it.
  /// - Throws: `InputError` or `SystemError` where no file can be made beside `place`.
  init(for place: String, named name: String) throws {
    var number = Int(getpid())
    while true {
      let path = Self.path(for: place, number)
      let descriptor = Unfinished.add(path) { open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      guard descriptor >= 0 else {
        // Another process of this number, in another container.
        guard errno == EEXIST else { throw systemError(name, expected: "a path that can be written") }
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

  /// Puts it in its place, and waits until the disk knows. What was there is kept under a temporary name until this ends.
  /// - Parameter name: what an error calls the place.
  /// - Returns: what undoes it.
  func move(to place: String, as name: String) throws -> () -> Void {
    let undo = try put(at: place, as: name)
    // A file system that cannot sync a folder has no say here.
    try? OutputFile.sync(OutputFile.folder(of: place), for: place)
    return undo
  }

  private func put(at place: String, as name: String) throws -> () -> Void {
    var status = stat()
    if lstat(place, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw InputError(name, found: "a folder", expected: "a path for a file")
      }
      if exchange(path, place) { return { [path] in _ = exchange(path, place) } }
      // File systems that cannot exchange two files say so in one of these ways.
      guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) else {
        throw systemError(name, expected: "a path that can be written")
      }
      if let backup = try? BackupName(of: place) { return try replace(place, name, backup) }
    }
    guard rename(path, place) == 0 else { throw systemError(name, expected: "a path that can be written") }
    isThere = false
    return { [self] in if rename(place, path) == 0 { isThere = true } }
  }

  private func replace(_ place: String, _ name: String, _ backup: BackupName) throws -> () -> Void {
    guard rename(path, place) == 0 else { throw systemError(name, expected: "a path that can be written") }
    isThere = false
    kept = backup
    return { _ = rename(backup.path, place) }
  }

  /// Another name of what was replaced, where files cannot be exchanged.
  private var kept: BackupName?

  private func remove() {
    if isThere { unlink(path) }
    isThere = false
    Unfinished.forget(path)
  }

  // MARK: Names

  private static let longestName = 255 - 24

  /// The temporary path for a place, with a number that sets it apart.
  static func path(for place: String, _ number: Int) -> String {
    let slash = place.utf8.lastIndex(of: UInt8(ascii: "/")).map { place.utf8.index(after: $0) } ?? place.startIndex
    return "\(place[..<slash])\(stem(of: String(place[slash...]))).\(number).tmp"
  }

  /// What stands for a name in the names of files beside it: itself or, where it is too long, its beginning and a number made
  /// of all of it (FNV-1a).
  static func stem(of name: String) -> String {
    let bytes = PathText.bytes(name)
    guard bytes.count > longestName else { return name }
    let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var (start, length) = (String.UnicodeScalarView(), 0)
    for scalar in name.unicodeScalars {
      length += PathText.bytes(String(Character(scalar))).count
      guard length <= longestName - 20 else { break }
      start.append(scalar)
    }
    return "\(String(start))~\(String(hash, radix: 16))"
  }

  /// Removes what killed processes left in a folder.
  /// - Parameter isOurs: whether a temporary file for something of this name may be removed.
  static func removeAbandoned(in folder: String, where isOurs: (String) -> Bool) {
    guard let names = try? FolderEntries.names(in: folder) else { return }
    for name in names {
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

/// A second name of a file, under which it outlives its replacement for a while.
final class BackupName {
  let path: String

  /// A link to the file at `place`, or with `moves` the file itself.
  /// - Throws: `SystemError` or `InputError` where there can be none.
  init(of place: String, moves: Bool = false) throws {
    var number = Int(getpid())
    while true {
      let path = TemporaryFile.path(for: place, number)
      var status = stat()
      // A file that is moved would replace another one.
      let isFree = !moves || lstat(path, &status) != 0
      if isFree, (moves ? rename(place, path) : link(place, path)) == 0 {
        self.path = path
        return
      }
      guard !isFree || errno == EEXIST else { throw systemError(place, expected: "a file that can be replaced") }
      number += 1
    }
  }

  deinit { unlink(path) }
}

/// Exchanges two files in one step; false where the system or the file system cannot.
private func exchange(_ path: String, _ place: String) -> Bool {
  typealias Function =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
  // Swift's module of glibc leaves it out.
  guard let symbol = dlsym(nil, "renameat2") else {
    errno = ENOSYS
    return false
  }
  let function = unsafeBitCast(symbol, to: Function.self)
  let exchanges: UInt32 = 2
  return PathText.withCString(path) { path in
    PathText.withCString(place) { function(AT_FDCWD, path, AT_FDCWD, $0, exchanges) == 0 }
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
