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

@Suite(.serialized) struct AwakeThreadsTests {
  private struct Problem: Error, Equatable { let index: Int }

  /// Many pieces of work one after another, each of which needs all of the one before it.
  @Test(arguments: [1, 2, 5]) func eachBeginsAfterTheLastIsDone(_ threads: Int) {
    let sum = keepingThreadsAwake(threads) {
      (1...2000).reduce(into: 1) { total, round in
        let before = total
        total = parallelMap(round % 7, threads: threads) { ($0 + before) % 1_000_003 }.reduce(before) {
          ($0 + $1) % 1_000_003
        }
      }
    }
    let expected = (1...2000).reduce(1) { before, round in
      (0..<round % 7).reduce(before) { ($0 + ($1 + before) % 1_000_003) % 1_000_003 }
    }
    #expect(sum == expected)
  }

  @Test func throwsTheErrorOfTheLowestIndexAndGoesOn() {
    keepingThreadsAwake(3) {
      for _ in 0..<50 {
        #expect(throws: Problem(index: 17)) {
          try parallelMap(100, threads: 3) { index in
            if index >= 17 { throw Problem(index: index) }
            return index
          }
        }
      }
      #expect(parallelMap(9, threads: 3) { $0 } == Array(0..<9))
    }
  }

  /// What pieces share out themselves, and what other threads share out meanwhile.
  @Test func othersAreServedToo() {
    let sums = parallelMap(4, threads: 4) { outer in
      keepingThreadsAwake(2) {
        (0..<100).map { round in
          parallelMap(3, threads: 2) { piece in
            parallelMap(4, threads: 2) { $0 + piece + round }.reduce(outer, +)
          }.reduce(0, +)
        }.reduce(0, +)
      }
    }
    #expect(sums == (0..<4).map { outer in 100 * 3 * (outer + 6 + 4) + 12 * 4950 })
  }

  @Test func errorsOfTheBodyComeOut() {
    #expect(throws: Problem(index: 1)) { try keepingThreadsAwake(2) { throw Problem(index: 1) } }
    #expect(keepingThreadsAwake(2) { parallelMap(3, threads: 2) { $0 } } == [0, 1, 2])
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
