import Foundation

/// Where a worker crashed: its stack on standard error, so that the campaign can tell a library's crash from our own.
enum CrashReport {
  private typealias Backtrace = @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int32) -> Int32
  private typealias Write = @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int32, Int32) -> Void

  // Set once, before any signal can come. Swift's Glibc lacks <execinfo.h>.
  nonisolated(unsafe) private static var backtrace: Backtrace?
  nonisolated(unsafe) private static var write: Write?

  static func install() {
    guard let first = dlsym(nil, "backtrace"), let second = dlsym(nil, "backtrace_symbols_fd") else { return }
    backtrace = unsafeBitCast(first, to: Backtrace.self)
    write = unsafeBitCast(second, to: Write.self)
    print()
    // A stack of its own, for a crash by too deep a recursion.
    let size = 1 << 17
    var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
    sigaltstack(&stack, nil)
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGALRM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        CrashReport.print()
        signal(number, SIG_DFL)
        raise(number)
      }
      action.sa_flags = Int32(SA_ONSTACK) | Int32(bitPattern: UInt32(SA_NODEFER))
      sigaction(number, &action, nil)
    }
  }

  /// Also called once beforehand, since the first call loads a library.
  private static func print() {
    withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: 48) { frames in
      guard let start = frames.baseAddress, let backtrace else { return }
      let count = backtrace(start, 48)
      if isInstalled { write?(start, count, STDERR_FILENO) }
    }
    isInstalled = true
  }

  nonisolated(unsafe) private static var isInstalled = false

  /// The library or program in which it happened: the first frame, behind those of the signal, that is not the C library's.
  static func place(in report: String) -> String {
    let frames = report.split(separator: "\n").filter { $0.contains("[0x") }
    let modules = frames.map { frame in
      frame.prefix { $0 != "(" && $0 != "[" }.split(separator: "/").last.map(String.init) ?? ""
    }
    // The handler's own frames come first, then the C library's trampoline.
    let behind = modules.drop { !$0.hasPrefix("libc.so") }.drop { $0.hasPrefix("libc.so") }
    return behind.first ?? "unknown"
  }
}
