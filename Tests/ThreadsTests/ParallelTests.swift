import Testing
import Threads

@Suite struct ParallelTests {
  private struct Problem: Error, Equatable { let index: Int }

  @Test(arguments: [1, 2, 5]) func keepsTheOrder(_ threads: Int) throws {
    #expect(parallelMap(200, threads: threads) { $0 * $0 } == (0..<200).map { $0 * $0 })
    #expect(parallelMap(0, threads: threads) { $0 } == [])
  }

  @Test(arguments: [1, 2, 5]) func throwsTheErrorOfTheLowestIndex(_ threads: Int) {
    #expect(throws: Problem(index: 17)) {
      try parallelMap(100, threads: threads) { index in
        if index >= 17 { throw Problem(index: index) }
        return index
      }
    }
  }
}

@Suite struct LockedTests {
  @Test func oneThreadAtATime() throws {
    let sum = Locked(0)
    _ = parallelMap(8, threads: 8) { _ in
      for _ in 0..<10_000 { sum.withLock { $0 += 1 } }
    }
    #expect(sum.withLock { $0 } == 80_000)
  }

  @Test func anErrorLeavesItUnlocked() {
    struct Problem: Error {}
    let value = Locked(1)
    #expect(throws: Problem.self) { try value.withLock { _ in throw Problem() } }
    #expect(value.withLock { $0 } == 1)
  }
}
