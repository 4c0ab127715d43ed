import Dispatch
import Synchronization

/// `(0..<count).map(body)` on up to `threads` threads; the results are in order, whatever finished first.
/// - Throws: the error of the lowest index that failed.
public func parallelMap<Value: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  guard threads > 1, count > 1 else { return try (0..<count).map(body) }
  let state = Mutex((next: 0, results: [Result<Value, any Error>?](repeating: nil, count: count)))
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while let index = state.withLock({ state -> Int? in
      guard state.next < count else { return nil }
      defer { state.next += 1 }
      return state.next
    }) {
      let result = Result { try body(index) }
      state.withLock { $0.results[index] = result }
    }
  }
  return try state.withLock { try $0.results.compactMap { try $0?.get() } }
}
