#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The limit that batch systems and `ulimit -v` or `-d` set to a process's memory.
public enum MemoryLimit {
  /// Of the address space and of the data, in bytes; nil where there is none.
  private static let addresses = soft(RLIMIT_AS), data = soft(RLIMIT_DATA)

  /// The smaller of the limits in bytes; nil where there is none.
  public static let bytes = [addresses, data].compactMap { $0 }.min()

  /// Whether threads can be made safely: Dispatch asks for a thread without end where there is no memory for its stack.
  ///
  /// Always so without a limit. With one, a stack for each thread and 256 MB for their work have to be left.
  public static func hasRoom(forThreads count: Int) -> Bool {
    guard bytes != nil else { return true }
    let wanted = 256 << 20 + count * stackBytes
    guard let used = usedBytes() else { return false }
    return (addresses.map { $0 - used.addresses >= wanted } ?? true) && (data.map { $0 - used.data >= wanted } ?? true)
  }

  /// A thread's stack as the system makes it.
  private static let stackBytes = min(soft(RLIMIT_STACK) ?? 8 << 20, 64 << 20)

  private static func soft(_ resource: __rlimit_resource) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur < rlim_t(Int.max) ? Int(limit.rlim_cur) : nil
  }

  /// From `/proc/self/statm`: pages of the address space, and of data with stacks.
  private static func usedBytes() -> (addresses: Int, data: Int)? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { text in
      let count = read(descriptor, text.baseAddress, text.count)
      guard count > 0 else { return nil }
      let fields = text[..<count].split(separator: UInt8(ascii: " ")).map { digits in
        digits.reduce(0) { $1 >= 0x30 && $1 <= 0x39 ? 10 * $0 + Int($1 - 0x30) : $0 }
      }
      guard fields.count > 5 else { return nil }
      let page = sysconf(Int32(_SC_PAGESIZE))
      return (fields[0] * page, fields[5] * page)
    }
  }
}
