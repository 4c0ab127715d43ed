#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// The system's calls for paths as `PathText` has them: these are chosen over the library's own wherever Files is imported, and
// every path goes through them.

package func open(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
  PathText.withCString(path) { Glibc.open($0, flags, mode) }
}

package func stat(_ path: String, _ status: UnsafeMutablePointer<stat>) -> Int32 {
  PathText.withCString(path) { fstatat(AT_FDCWD, $0, status, 0) }
}

package func lstat(_ path: String, _ status: UnsafeMutablePointer<stat>) -> Int32 {
  PathText.withCString(path) { fstatat(AT_FDCWD, $0, status, AT_SYMLINK_NOFOLLOW) }
}

package func access(_ path: String, _ mode: Int32) -> Int32 { PathText.withCString(path) { Glibc.access($0, mode) } }

package func mkdir(_ path: String, _ mode: mode_t) -> Int32 { PathText.withCString(path) { Glibc.mkdir($0, mode) } }

@discardableResult
package func rmdir(_ path: String) -> Int32 { PathText.withCString(path) { Glibc.rmdir($0) } }

@discardableResult
package func unlink(_ path: String) -> Int32 { PathText.withCString(path) { Glibc.unlink($0) } }

package func rename(_ path: String, _ place: String) -> Int32 {
  PathText.withCString(path) { path in PathText.withCString(place) { Glibc.rename(path, $0) } }
}

package func link(_ path: String, _ place: String) -> Int32 {
  PathText.withCString(path) { path in PathText.withCString(place) { Glibc.link(path, $0) } }
}

/// The path without symbolic links, `.` and `..`; nil where it leads nowhere.
package func realpath(_ path: String) -> String? {
  guard let found = PathText.withCString(path, { Glibc.realpath($0, nil) }) else { return nil }
  defer { free(found) }
  return PathText.text(found)
}

/// What a symbolic link says; nil for anything else.
package func readlink(_ path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: 4097)
  let count = PathText.withCString(path) { Glibc.readlink($0, &buffer, buffer.count - 1) }
  return count < 0 ? nil : PathText.text(buffer.prefix(count).map { UInt8(bitPattern: $0) })
}

/// The folder in which the program runs.
package func currentFolder() -> String? {
  guard let found = getcwd(nil, 0) else { return nil }
  defer { free(found) }
  return PathText.text(found)
}

/// Folders and their entries.
public enum FolderEntries {
  /// The names in a folder, without `.` and `..`, in the order of their bytes.
  /// - Throws: `InputError` where there is no folder that can be read.
  public static func names(in folder: String) throws -> [String] {
    guard let entries = PathText.withCString(folder, { opendir($0) }) else {
      throw systemError(folder, expected: "a folder that can be read")
    }
    defer { closedir(entries) }
    var names: [[UInt8]] = []
    while let entry = readdir(entries) {
      // Where it lies: an entry is only as long as its name, and the whole of `d_name` may end beyond the system's memory.
      let start = UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
      let name = PathText.bytes(PathText.text(start.assumingMemoryBound(to: CChar.self)))
      if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.map(PathText.text)
  }
}
