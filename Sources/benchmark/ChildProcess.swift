import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A whole process from start to end: how long it took and how much memory it held.
struct ChildProcess {
  /// Wall time, the start included.
  let seconds: Double
  /// The largest resident set, in bytes.
  let peakMemory: Int

  /// Runs a program and waits for it.
  /// - Parameter log: takes what it says.
  /// - Throws: `InputError` with its last word where it does not end with status 0.
  init(_ arguments: [String], log: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // This program catches interruptions to remove its folder; its children shall end by them.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var argv = arguments.map { strdup($0) }
    defer { for pointer in argv { free(pointer) } }
    argv.append(nil)
    var process: pid_t = 0
    var status: Int32 = 0
    var usage = rusage()
    var started: Int32 = 0
    seconds = benchmark.seconds {
      started = posix_spawnp(&process, arguments[0], &actions, &attributes, argv, environ)
      if started == 0 { while wait4(process, &status, 0, &usage) < 0 && errno == EINTR {} }
    }
    guard started == 0 else { throw InputError(arguments[0], found: String(cString: strerror(started))) }
    guard status == 0 else {
      let said = (try? lines(ofFileAt: log)) ?? []
      throw InputError(arguments.prefix(2).joined(separator: " "), found: said.last ?? "status \(status)")
    }
    #if os(Linux)
      peakMemory = usage.ru_maxrss * 1024
    #else
      peakMemory = usage.ru_maxrss
    #endif
  }
}
