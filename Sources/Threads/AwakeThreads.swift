import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Calls `body` with threads that wait awake: what `parallelMap` shares out meanwhile begins at once, where a thread that sleeps
/// takes longer to wake than a small layer to compute. They use the processor while they wait, so `body` should be short and
/// mostly parallel.
///
/// Where others are awake already, or a limit of memory leaves no room for them, `body` runs as if called alone.
public func keepingThreadsAwake<Value>(_ threads: Int, _ body: () throws -> Value) rethrows -> Value {
  // More than there are processors would keep each other from work.
  let threads = min(threads, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  guard threads > 1, MemoryLimit.hasRoom(forThreads: threads), let awake = AwakeThreads.begin(helpers: threads - 1)
  else { return try body() }
  defer { awake.end() }
  return try body()
}

/// Threads that share out the pieces of their owner's work.
final class AwakeThreads: @unchecked Sendable {
  private static let current = Locked<AwakeThreads?>(nil)

  private let owner = pthread_self()
  /// Pieces that nobody has begun, and pieces that are not done.
  private let waiting = Atomic(0), undone = Atomic(0)
  private let isOver = Atomic(false)
  /// Written by the owner alone, while `waiting` is 0; read by who has taken a piece.
  private var work: (piece: (Int) -> Void, count: Int)?

  /// How often a thread looks before it lets others run.
  private static let looks = 10_000

  /// - Returns: nil where others are awake.
  fileprivate static func begin(helpers: Int) -> AwakeThreads? {
    let awake = AwakeThreads()
    let isFirst = current.withLock { current in
      guard current == nil else { return false }
      current = awake
      return true
    }
    guard isFirst else { return nil }
    for _ in 0..<helpers { DispatchQueue.global(qos: .userInitiated).async { awake.help() } }
    return awake
  }

  fileprivate func end() {
    isOver.store(true, ordering: .releasing)
    Self.current.withLock { $0 = nil }
  }

  /// The calling thread's, unless they are at work.
  static var ofThisThread: AwakeThreads? {
    current.withLock { current in
      guard let current, pthread_equal(current.owner, pthread_self()) != 0, current.work == nil else { return nil }
      return current
    }
  }

  /// Calls `piece` with 0..<count, on all threads; called by the owner.
  func share(_ count: Int, _ piece: (Int) -> Void) {
    withoutActuallyEscaping(piece) { piece in
      work = (piece, count)
      undone.store(count, ordering: .relaxed)
      waiting.store(count, ordering: .releasing)
      takePieces()
      wait { undone.load(ordering: .acquiring) == 0 }
      work = nil
    }
  }

  private func help() {
    while !isOver.load(ordering: .acquiring) {
      takePieces()
      wait { waiting.load(ordering: .relaxed) > 0 || isOver.load(ordering: .relaxed) }
    }
  }

  private func takePieces() {
    var left = waiting.load(ordering: .relaxed)
    while left > 0 {
      let taken = waiting.weakCompareExchange(expected: left, desired: left - 1, ordering: .acquiringAndReleasing)
      guard taken.exchanged else {
        left = taken.original
        continue
      }
      if let work { work.piece(work.count - left) }
      undone.subtract(1, ordering: .acquiringAndReleasing)
      left = waiting.load(ordering: .relaxed)
    }
  }

  private func wait(until isReady: () -> Bool) {
    var looks = 0
    while !isReady() {
      looks += 1
      if looks > Self.looks { sched_yield() }
    }
  }
}
