import Files
import Glibc
import Threads

/// How the program ends where a limit of its memory (`ulimit -v`, a batch system) is too small: in one line, with status 1
/// and without half files. Swift aborts where an allocation fails, and C libraries crash, each with words of its own.
///
/// Nothing of it is done where there is no limit.
enum OutOfMemory {
  /// What tells the thread that waits for signals to tidy up and end.
  static let signal = SIGUSR2

  /// Whether the memory is limited.
  static let isPossible = MemoryLimit.bytes != nil

  /// The error that is said.
  static var error: SystemError {
    let megabytes = (MemoryLimit.bytes ?? 0) / 1_000_000
    return SystemError("memory", found: "not enough under the limit of \(megabytes) MB", expected: "a higher limit")
  }

  // Made before it is needed: a signal handler must not allocate.
  nonisolated(unsafe) private static var line = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 0)
  nonisolated(unsafe) private static var reserve: UnsafeMutableRawPointer?
  private static let reserveBytes = 2 << 20

  /// To be called first of all: threads share one heap, and what libraries say of a crash is not heard.
  static func begin() {
    guard isPossible else { return }
    // Each thread's heap reserves 64 MB of addresses, used or not.
    typealias SetOption = @convention(c) (Int32, Int32) -> Int32
    // Swift's module of glibc leaves malloc.h out; M_ARENA_MAX is -8 there.
    if let function = dlsym(nil, "mallopt") { _ = unsafeBitCast(function, to: SetOption.self)(-8, 1) }
    Console.takeStandardError()
  }

  /// To be called once the thread that waits for signals is there.
  static func prepare() {
    guard isPossible else { return }
    let text = Array("espalier: \(error)\n".utf8)
    line = .allocate(capacity: text.count)
    _ = line.initialize(from: text)
    reserve = mmap(nil, reserveBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    // A crash may be one of the stack, that cannot grow.
    let size = 64 << 10
    var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
    sigaltstack(&stack, nil)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in OutOfMemory.end() }
    action.sa_flags = SA_ONSTACK
    for number in [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP] { sigaction(number, &action, nil) }
    // Where tidying up does not end either.
    Glibc.signal(SIGALRM) { _ in _exit(1) }
    ended = 0
  }

  nonisolated(unsafe) private static var ended: Int32 = 0

  /// In a signal handler: nothing here allocates.
  private static func end() {
    if ended == 0 {
      ended = 1
      alarm(5)
      _ = write(Console.standardErrorDescriptor, line.baseAddress, line.count)
      if let reserve { munmap(reserve, reserveBytes) }
      kill(getpid(), signal)
    }
    while true { pause() }
  }
}
