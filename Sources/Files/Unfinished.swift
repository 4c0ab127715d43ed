import Threads

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What must not stay where the program ends before its time: temporary files, locks, and folders made for them.
public enum Unfinished {
  private static let paths = Locked<[String]>([])

  /// Notes a file that `body` makes, in one piece with it.
  /// - Parameter body: returns a negative number where it made none.
  static func add(_ path: String, _ body: () -> Int32) -> Int32 {
    paths.withLock { paths in
      let result = body()
      if result >= 0 { paths.append(path) }
      return result
    }
  }

  /// Notes a file or folder.
  static func add(_ path: String) { paths.withLock { $0.append(path) } }

  /// Forgets what is in its place now, or gone.
  static func forget(_ path: String) { paths.withLock { paths in paths.removeAll { $0 == path } } }

  /// Runs `body` in one piece: an interruption waits for its end.
  static func uninterrupted(_ body: () throws -> Void) rethrows { try paths.withLock { _ in try body() } }

  /// Removes everything, the newest first, and ends the program; nothing is made or renamed meanwhile.
  public static func removeAll(then end: () -> Never) -> Never {
    paths.withLock { paths in
      // A folder with something in it stays.
      for path in paths.reversed() { remove(path) }
      end()
    }
  }
}
