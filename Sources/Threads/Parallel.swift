import Dispatch

/// `(0..<count).map(body)` on up to `threads` threads; the results are in order, whatever finished first.
/// Where a limit of memory leaves no room for threads, the calling one does it all.
/// - Throws: the error of the lowest index that failed.
public func parallelMap<Value: Sendable, Failure: Error>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  guard threads > 1, count > 1, MemoryLimit.hasRoom(forThreads: min(threads, count)) else {
    return try (0..<count).map(body)
  }
  let state = Locked((next: 0, results: [Result<Value, Failure>?](repeating: nil, count: count)))
  @Sendable func run(_ index: Int) {
    let result = Result { () throws(Failure) in try body(index) }
    state.withLock { $0.results[index] = result }
  }
  if let awake = AwakeThreads.ofThisThread {
    awake.share(count, run)
  } else {
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
      while let index = state.withLock({ state -> Int? in
        guard state.next < count else { return nil }
        defer { state.next += 1 }
        return state.next
      }) { run(index) }
    }
  }
  return try state.withLock { $0.results }.compactMap { $0 }.map { (result) throws(Failure) in try result.get() }
}
