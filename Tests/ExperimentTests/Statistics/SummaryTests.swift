import Experiment
import Foundation
import NeuralNetwork
import Testing

/// Against Fixtures/statistics.json, which Fixtures/make_statistics.py writes with SciPy.
struct SummaryTests {
  private struct Fixture: Decodable {
    struct Sample: Decodable {
      let values: [Double], mean: Double, standardDeviation: Double, median: Double, range: [Double]
    }
    struct Mean: Decodable { let values: [Double], interval: [Double] }
    struct Share: Decodable { let hits: Int, total: Int, interval: [Double] }
    struct McNemar: Decodable { let onlyOriginal: Int, onlyRepaired: Int, p: Double }
    struct Rank: Decodable { let count: Int, rank: Int }
    struct Paired: Decodable { let differences: [Int], sign: Double, permutation: Double }
    struct Holm: Decodable { let probabilities: [Double], corrected: [Double] }
    let summaries: [Sample], means: [Mean], rates: [Share], mcNemar: [McNemar], medianRanks: [Rank]
    let pairedTests: [Paired], holm: [Holm]
  }

  private let fixture: Fixture

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/statistics.json"))
    fixture = try JSONDecoder().decode(Fixture.self, from: data)
  }

  /// To 1e-12 of the value, or of 1 where the value is smaller.
  private func expect(_ found: Double, _ expected: Double, _ what: String) {
    #expect(abs(found - expected) <= 1e-12 * max(1, abs(expected)), "\(what): \(found), SciPy \(expected)")
  }

  @Test func summaries() throws {
    for sample in fixture.summaries {
      let summary = try #require(Summary(sample.values))
      expect(summary.mean, sample.mean, "mean")
      expect(try #require(summary.standardDeviation), sample.standardDeviation, "standard deviation")
      expect(summary.median, sample.median, "median")
      #expect(summary.range == sample.range[0]...sample.range[1])
    }
  }

  @Test func boundsOfMeans() throws {
    for mean in fixture.means {
      let interval = try #require(Intervals.mean(of: mean.values, within: 0...1))
      // The fixture's quadrature of a B-spline is good to some 1e-11.
      #expect(abs(interval.lowerBound - mean.interval[0]) < 1e-9, "lower end of \(mean.values)")
      #expect(abs(interval.upperBound - mean.interval[1]) < 1e-9, "upper end of \(mean.values)")
      let wide = try #require(Intervals.mean(of: mean.values.map { 200 * $0 - 100 }, within: -100...100))
      expect(wide.lowerBound, 200 * interval.lowerBound - 100, "scaled")
      expect(wide.upperBound, 200 * interval.upperBound - 100, "scaled")
    }
  }

  /// Zeros and ones give Clopper & Pearson's interval, and equal numbers a closed form.
  @Test(arguments: [2, 3, 10, 100]) func boundsOfMeansKnownOtherwise(_ count: Int) throws {
    for hits in 0...count {
      let values = (0..<count).map { $0 < hits ? 1.0 : 0 }
      let interval = try #require(Intervals.mean(of: values, within: 0...1))
      let exact = try #require(Intervals.exact(Rate(hits: hits, total: count)))
      expect(interval.lowerBound, exact.lowerBound, "lower end of \(hits)/\(count)")
      expect(interval.upperBound, exact.upperBound, "upper end of \(hits)/\(count)")
    }
    let half = try #require(Intervals.mean(of: [Double](repeating: 0.5, count: count), within: 0...1))
    expect(half.upperBound, 1 - 0.5 * pow(0.025, 1 / Double(count)), "upper end of halves")
  }

  /// The approximation beyond 128 values, compared with the exact bound: each end to a hundredth of the width.
  @Test(arguments: [5, 30, 128, 400]) func manyValuesGoOnWhereFewEnd(_ count: Int) throws {
    for population in Population.all {
      let values = (0..<count).map { index in
        var random = SeededGenerator(seed: UInt64(index))
        return population.draw(&random)
      }
      let (exact, approximate) = (
        Intervals.mean(of: values, within: 0...100, isExact: true, weight: 1),
        Intervals.mean(of: values, within: 0...100, isExact: false, weight: 1)
      )
      let width = exact.upperBound - exact.lowerBound
      let errors = [
        abs(exact.lowerBound - approximate.lowerBound) / width, abs(exact.upperBound - approximate.upperBound) / width,
      ]
      #expect(errors.allSatisfy { $0 < 0.01 }, "\(population.name), \(count): \(errors)")
    }
  }

  @Test func tenThousandValuesThatAgree() throws {
    let equal = try #require(Intervals.mean(of: [Double](repeating: 1, count: 10_000), within: 0...1))
    #expect(equal.upperBound == 1)
    // 0.025^(1/10000) = 0.99963118…; the approximation is good to a hundredth of the width.
    #expect(abs((1 - equal.lowerBound) / (1 - pow(0.025, 1e-4)) - 1) < 0.01)
  }

  @Test func exactRates() throws {
    for rate in fixture.rates {
      let interval = try #require(Intervals.exact(Rate(hits: rate.hits, total: rate.total)))
      expect(interval.lowerBound, rate.interval[0], "lower end of \(rate.hits)/\(rate.total)")
      expect(interval.upperBound, rate.interval[1], "upper end of \(rate.hits)/\(rate.total)")
    }
  }

  @Test func exactMcNemar() throws {
    for test in fixture.mcNemar {
      let counts = try JSONDecoder().decode(
        RunRecord.Discordance.self,
        from: Data(#"{"onlyOriginal": \#(test.onlyOriginal), "onlyRepaired": \#(test.onlyRepaired)}"#.utf8))
      let p = PairedTest.mcNemar(counts)
      // Relative, because the smallest of these are near 1e-300 and less.
      #expect(abs(p - test.p) <= 1e-12 * test.p, "\(test.onlyOriginal), \(test.onlyRepaired): \(p), SciPy \(test.p)")
    }
  }

  @Test func oneRunHasNoInterval() throws {
    let one = try #require(Summary([97.5], within: 0...100))
    #expect(one.mean == 97.5 && one.median == 97.5 && one.range == 97.5...97.5)
    #expect(one.standardDeviation == nil && one.interval == nil)
    #expect(Summary([]) == nil)
  }

  @Test func mediansLieBetweenSortedRuns() throws {
    for rank in fixture.medianRanks { #expect((Intervals.medianRank(of: rank.count) ?? 0) == rank.rank) }
    #expect(Summary([5, 1, 4, 2, 3])?.medianInterval == nil)
    #expect(Summary([5, 1, 4, 2, 3, 6])?.medianInterval == 1...6)
    #expect(Summary((1...10).map(Double.init))?.medianInterval == 2...9)
  }

  @Test func pairedTests() {
    for paired in fixture.pairedTests {
      let differences = paired.differences
      let sign = PairedTest.sign(differences.count { $0 > 0 }, differences.count { $0 < 0 })
      expect(sign, paired.sign, "sign test of \(differences)")
      let permutation = PairedTest.permutation(differences)
      #expect(permutation.isExact)
      expect(permutation.p, paired.permutation, "permutation test of \(differences)")
    }
    #expect(PairedTest.permutation([0, 0]).p == 1 && PairedTest.permutation([]).p == 1)
  }

  /// What is too much to count is sampled, always the same way, and never 0.
  @Test func manyDifferencesAreSampled() {
    let large = (1...30).map { 1_000_003 * $0 + $0 % 7 }
    let found = PairedTest.permutation(large)
    #expect(!found.isExact && found.p == 1e-4)
    let mixed = large.enumerated().map { $0 % 2 == 0 ? $1 : -$1 }
    #expect(PairedTest.permutation(mixed).p == PairedTest.permutation(mixed).p)
    #expect(PairedTest.permutation(mixed).p > 0.5)
  }

  @Test func holmsCorrection() {
    for holm in fixture.holm {
      for (found, expected) in zip(PairedTest.holm(holm.probabilities), holm.corrected) {
        expect(found, expected, "Holm of \(holm.probabilities)")
      }
    }
  }

  @Test func twoRunsAreEnough() throws {
    #expect(Summary([40, 60])?.interval == nil, "a mean of what may be anything has no interval")
    let interval = try #require(Summary([40, 60], within: 0...100)?.interval)
    #expect(interval.lowerBound < 10 && interval.upperBound > 90)
  }

  /// 0.025^(1/n) of what is left of the bounds: five seeds at 100 % leave room for a mean of 48 %.
  @Test(arguments: [0.0, 0.1, 98.64899, 100]) func equalRunsHaveAWidth(_ value: Double) throws {
    for count in 2...30 {
      let summary = try #require(Summary([Double](repeating: value, count: count), within: 0...100))
      #expect(summary.mean == value && summary.standardDeviation == 0)
      let (interval, share) = (try #require(summary.interval), pow(0.025, 1 / Double(count)))
      #expect(abs(interval.lowerBound - value * share) < 1e-9)
      #expect(abs(interval.upperBound - (100 - (100 - value) * share)) < 1e-9)
    }
  }

  @Test func moreRunsHalveTheInterval() throws {
    // 1 - 0.025^(1/n') is half of 1 - 0.025^(1/5) = 0.522 at n' = 12.2.
    #expect(
      (11...14).contains(try #require(Summary([Double](repeating: 100, count: 5), within: 0...100)?.countToHalve)))
    #expect(Summary([50], within: 0...100)?.countToHalve == nil)
    let many = Summary((0..<100).map { Double($0) }, within: 0...100)
    #expect((340...430).contains(try #require(many?.countToHalve)), "\(many?.countToHalve ?? 0)")
  }
}
