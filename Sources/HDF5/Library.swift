import CHDF5
import Glibc

/// The one door to libhdf5, which in Debian's build may be used by one thread at a time.
enum Library {
  private static let mutex = RecursiveMutex()

  private static let loaded = Result { () throws(HDF5LibraryError) in
    try loadHDF5(from: names)
    LZFFilter.register()
  }

  /// Runs `body` while no other thread is inside libhdf5.
  static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    _ = loaded
    // The printing of errors is a setting of each thread in thread-safe builds.
    chdf5_silence()
    return try body()
  }

  static func start() throws(HDF5LibraryError) { try loaded.get() }

  /// The innermost message that HDF5 left after a call failed.
  static func lastMessage() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
      guard let start = text.baseAddress else { return "" }
      chdf5_last_message(start)
      return String(cString: start)
    }
  }
}

/// Returns `status`, an HDF5 return value, or throws where it is negative.
@discardableResult
func check<Status: SignedInteger>(_ status: Status, _ location: @autoclosure () -> String, _ expected: String)
  throws -> Status
{
  guard status >= 0 else {
    let message = Library.lastMessage()
    let found = message.isEmpty ? "the HDF5 library refuses" : "the HDF5 library says \"\(message)\""
    throw HDF5Error(location: location(), found: found, expected: expected, systemCode: systemCode(in: message))
  }
  return status
}

/// What the system answered, where HDF5 tells of a read or write that failed: `…, errno = 28, error message = …`.
private func systemCode(in message: String) -> Int32? {
  guard let start = message.firstRange(of: "errno = ")?.upperBound else { return nil }
  return Int32(message[start...].prefix { ("0"..."9").contains($0) })
}

/// Recursive, because a handle may be closed by a `deinit` that runs inside another call.
private final class RecursiveMutex: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  func lock() { pthread_mutex_lock(mutex) }

  func unlock() { pthread_mutex_unlock(mutex) }
}
