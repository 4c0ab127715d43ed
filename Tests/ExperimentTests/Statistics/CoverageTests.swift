import Experiment
import Foundation
import NeuralNetwork
import Testing
import Threads

/// What is printed as 95 % holds in at least 94 % of samples, on fixed seeds. `docs/statistics.md` has more of them.
struct CoverageTests {
  @Test(arguments: Coverage.counts) func meansAreCovered(_ count: Int) {
    for population in Population.all {
      let share = Coverage.share(of: population, count: count, repeats: count < 100 ? 2000 : 1000) {
        Coverage.contains(Summary($0, within: 0...100)?.interval, population.mean)
      }
      #expect(share >= 0.94, "\(population.name), \(count): \(share)")
    }
  }

  /// Of differences within -100...100, half as large as the bounds allow.
  @Test(arguments: Coverage.counts) func meansOfDifferencesAreCovered(_ count: Int) {
    for population in Population.all {
      let share = Coverage.share(of: population, count: count, repeats: 500) {
        Coverage.contains(Summary($0, within: -100...100)?.interval, population.mean)
      }
      #expect(share >= 0.94, "\(population.name), \(count): \(share)")
    }
  }

  @Test(arguments: Coverage.counts) func mediansAreCovered(_ count: Int) {
    for population in Population.all {
      guard let median = population.median, Intervals.medianRank(of: count) != nil else { continue }
      let share = Coverage.share(of: population, count: count, repeats: 4000) {
        Coverage.contains(Summary($0)?.medianInterval, median)
      }
      #expect(share >= 0.94, "\(population.name), \(count): \(share)")
    }
  }

  /// Not by simulation: every count of hits with its probability, for every p in thousandths up to 1/2; the rest mirrors it.
  @Test(arguments: Coverage.counts + [180]) func ratesAreCovered(_ total: Int) throws {
    let intervals = try (0...total).map { try #require(Intervals.exact(Rate(hits: $0, total: total))) }
    for thousandths in 1...500 {
      let p = Double(thousandths) / 1000
      var (chance, covered) = (pow(1 - p, Double(total)), 0.0)
      for hits in 0...total {
        if intervals[hits].contains(p) { covered += chance }
        chance *= Double(total - hits) / Double(hits + 1) * p / (1 - p)
      }
      #expect(covered >= 0.95 - 1e-9, "\(total), \(p): \(covered)")
    }
  }

  /// Differences that are symmetric about 0: a p-value of at most 5 % in at most 5 % of samples, but for chance.
  @Test(arguments: Coverage.counts) func testsKeepTheirLevel(_ count: Int) {
    let repeats = 2000
    let rejected = parallelMap(repeats, threads: 8) { index -> [Bool] in
      var random = SeededGenerator(seed: UInt64(index), stream: [UInt64(count), 1])
      let differences = (0..<count).map { _ in random.integer(below: 21) - 10 }
      let positive = differences.count { $0 > 0 }
      return [
        PairedTest.sign(positive, differences.count { $0 < 0 }) <= 0.05, PairedTest.permutation(differences).p <= 0.05,
      ]
    }
    for test in 0..<2 { #expect(Double(rejected.count { $0[test] }) / Double(repeats) <= 0.06) }
  }

  /// Why means are not given with a t-interval: the population.
  @Test func studentsIntervalDoesNot() {
    let share = Coverage.share(of: Population.all[1], count: 5, repeats: 2000) {
      Coverage.contains(Coverage.student($0), 87.5)
    }
    #expect((0.6...0.75).contains(share))
  }

  /// The table of `docs/statistics.md` is what the simulation says: `ESPALIER_WRITE_DOCS=1` writes it, which takes minutes.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["ESPALIER_WRITE_DOCS"] != nil))
  func documentationHasTheTable() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    let file = root.appendingPathComponent("docs/statistics.md").standardizedFileURL
    var text = try String(contentsOf: file, encoding: .utf8)
    for (name, table) in [("coverage", coverageTable()), ("width", widthTable()), ("median", medianTable())] {
      let (begin, end) = ("<!-- \(name) -->\n", "<!-- end of \(name) -->")
      let start = try #require(text.range(of: begin)).upperBound
      let stop = try #require(text.range(of: end)).lowerBound
      text.replaceSubrange(start..<stop, with: "\n" + table + "\n\n")
    }
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  private static let methods: [(name: String, repeats: Int, interval: @Sendable ([Double]) -> ClosedRange<Double>?)] = [
    ("printed", 5000, { Summary($0, within: 0...100)?.interval }), ("t", 5000, { Coverage.student($0) }),
    ("bootstrap", 1000, { Coverage.bootstrap($0) }),
  ]

  private func coverageTable() -> String {
    table(["Population", "Interval"] + Coverage.counts.map { "n = \($0)" }) {
      Population.all.flatMap { population in
        Self.methods.enumerated().map { index, method in
          [index == 0 ? population.name : "", method.name]
            + Coverage.counts.map { count in
              percent(
                Coverage.share(of: population, count: count, repeats: method.repeats) {
                  Coverage.contains(method.interval($0), population.mean)
                })
            }
        }
      }
    }
  }

  private func widthTable() -> String {
    table(["Population", "Interval"] + Coverage.counts.map { "n = \($0)" }) {
      Population.all.flatMap { population in
        Self.methods.prefix(2).enumerated().map { index, method in
          [index == 0 ? population.name : "", method.name]
            + Coverage.counts.map { count in
              let widths = parallelMap(500, threads: 8) { index in
                var random = SeededGenerator(seed: UInt64(index), stream: [UInt64(count)])
                return method.interval((0..<count).map { _ in population.draw(&random) })
                  .map { $0.upperBound - $0.lowerBound } ?? 0
              }
              return String(format: "%.1f", widths.reduce(0, +) / 500)
            }
        }
      }
    }
  }

  private func medianTable() -> String {
    let counts = Coverage.counts.filter { Intervals.medianRank(of: $0) != nil }
    return table(["Population"] + counts.map { "n = \($0)" }) {
      Population.all.compactMap { population in
        population.median.map { median in
          [population.name]
            + counts.map { count in
              percent(
                Coverage.share(of: population, count: count, repeats: 20_000) {
                  Coverage.contains(Summary($0)?.medianInterval, median)
                })
            }
        }
      }
    }
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  private func table(_ header: [String], _ rows: () -> [[String]]) -> String {
    let rule = header.map { $0.hasPrefix("n = ") ? "--:" : ":--" }
    return ([header, rule] + rows()).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}
