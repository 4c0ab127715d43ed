import NeuralNetwork
import Testing

@Suite struct RandomTests {
  @Test func repeatsPublishedAndEarlierNumbers() {
    // Seed 0: the first output of xoshiro256** seeded by SplitMix64, as Rust's rand_xoshiro documents it.
    var zero = SeededGenerator(seed: 0)
    #expect(
      (0..<4).map { _ in zero.next() } == [
        0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a, 0x1a5f_849d_4933_e6e0, 0x6aa5_94f1_262d_2d2c,
      ])
    var one = SeededGenerator(seed: 1)
    #expect([one.next(), one.next()] == [0xb3f2_af6d_0fc7_10c5, 0x853b_5596_4736_4cea])
    // Made by a second implementation, in Python.
    var stream = SeededGenerator(seed: 1, stream: [2, 3])
    #expect([stream.next(), stream.next()] == [0xa2a3_fa73_cebf_7e9c, 0x956d_a9d4_4a57_152d])
    var seven = SeededGenerator(seed: 7)
    #expect((0..<12).map { _ in seven.integer(below: 10) } == [7, 2, 8, 9, 9, 8, 0, 1, 4, 1, 5, 7])
    var shuffled = Array(0..<10)
    var again = SeededGenerator(seed: 7)
    again.shuffle(&shuffled)
    #expect(shuffled == [1, 8, 3, 0, 4, 5, 9, 6, 2, 7])
    var uniform = SeededGenerator(seed: 0)
    #expect((0..<3).map { _ in uniform.uniform() } == [0.6012629994179048, 0.7477740925472398, 0.10301998939503632])
  }

  @Test func drawsEveryIntegerEquallyOften() {
    var generator = SeededGenerator(seed: 11)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60_000 { counts[generator.integer(below: 6)] += 1 }
    // Standard deviation 91: five of them.
    for count in counts { #expect(abs(count - 10_000) < 456) }
    #expect((0..<100).allSatisfy { _ in generator.integer(below: 1) == 0 })
    // A bound of 3/4 of 2^64 would favour the lower half by 2 to 1 with a plain remainder.
    let bound = Int.max / 4 * 3
    let low = (0..<10_000).count { _ in generator.integer(below: bound) < bound / 2 }
    #expect(abs(low - 5000) < 250)
  }

  @Test func normalNumbersHaveMeanZeroAndVarianceOne() {
    var generator = SeededGenerator(seed: 12)
    let numbers = (0..<40_000).map { _ in generator.normal() }
    let mean = numbers.reduce(0, +) / 40_000
    let variance = numbers.reduce(0) { $0 + $1 * $1 } / 40_000 - mean * mean
    // Five standard errors: 5/200 and 5 sqrt(2)/200.
    #expect(abs(mean) < 0.025)
    #expect(abs(variance - 1) < 0.036)
    #expect(abs(Double(numbers.count { abs($0) > 1.96 }) / 40_000 - 0.05) < 0.0055)
  }

  @Test func shufflesAndSamplesWithoutLoss() {
    var generator = SeededGenerator(seed: 13)
    var elements = Array(0..<1000)
    generator.shuffle(&elements)
    #expect(elements != Array(0..<1000))
    #expect(elements.sorted() == Array(0..<1000))
    var none: [Int] = []
    generator.shuffle(&none)
    let sample = generator.sample(20, below: 30)
    #expect(Set(sample).count == 20 && sample == sample.sorted() && sample.allSatisfy((0..<30).contains))
    #expect(generator.sample(0, below: 5) == [])
  }

  @Test func streamsOfOneSeedDiffer() {
    let streams: [[UInt64]] = [[], [0], [1], [0, 0], [0, 1], [1, 0]]
    let first = streams.map { stream in
      var generator = SeededGenerator(seed: 5, stream: stream)
      return generator.next()
    }
    #expect(Set(first).count == streams.count)
  }
}
