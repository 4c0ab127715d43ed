import Experiment
import Foundation
import Testing

/// Against Fixtures/statistics.json, which Fixtures/make_statistics.py writes with SciPy.
struct SummaryTests {
  private struct Fixture: Decodable {
    struct Quantile: Decodable { let degrees: Int, value: Double }
    struct Sample: Decodable {
      let values: [Double], mean: Double, standardDeviation: Double, interval: [Double], median: Double, range: [Double]
    }
    struct Paired: Decodable { let before: [Double], after: [Double], interval: [Double] }
    struct Wilson: Decodable { let hits: Int, total: Int, interval: [Double] }
    struct McNemar: Decodable { let onlyOriginal: Int, onlyRepaired: Int, p: Double }
    let quantiles: [Quantile], summaries: [Sample], paired: [Paired], wilson: [Wilson], mcNemar: [McNemar]
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

  @Test func studentQuantiles() {
    for quantile in fixture.quantiles {
      expect(Intervals.studentQuantile(degrees: quantile.degrees), quantile.value, "t of \(quantile.degrees)")
    }
  }

  @Test func summaries() throws {
    for sample in fixture.summaries {
      let summary = try #require(Summary(sample.values))
      let interval = try #require(summary.interval)
      expect(summary.mean, sample.mean, "mean")
      expect(try #require(summary.standardDeviation), sample.standardDeviation, "standard deviation")
      expect(interval.lowerBound, sample.interval[0], "lower end")
      expect(interval.upperBound, sample.interval[1], "upper end")
      expect(summary.median, sample.median, "median")
      #expect(summary.range == sample.range[0]...sample.range[1])
    }
  }

  @Test func pairedDifferences() throws {
    for pair in fixture.paired {
      let interval = try #require(Summary(zip(pair.before, pair.after).map { $0 - $1 })?.interval)
      expect(interval.lowerBound, pair.interval[0], "lower end")
      expect(interval.upperBound, pair.interval[1], "upper end")
    }
  }

  @Test func wilson() throws {
    for rate in fixture.wilson {
      let interval = try #require(Intervals.wilson(Rate(hits: rate.hits, total: rate.total)))
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

  @Test func twoRunsAreEnough() throws {
    let interval = try #require(Summary([40, 60])?.interval)
    // 50 ± 12.7062… · 10.
    #expect(abs(interval.upperBound - 177.06204736174694) < 1e-10)
    #expect(Summary([40, 60], within: 0...100)?.interval == 0...100)
  }

  @Test(arguments: [0, 0.1, 98.64899, 100]) func equalRunsHaveNoWidth(_ value: Double) throws {
    for count in 2...30 {
      let summary = try #require(Summary([Double](repeating: value, count: count), within: 0...100))
      #expect(summary.mean == value && summary.standardDeviation == 0 && summary.interval == value...value)
    }
  }
}
