import Experiment
import NeuralNetwork
import Threads

/// How often intervals of samples hold what they are of: the simulation behind `docs/statistics.md`.
enum Coverage {
  static let counts = [2, 3, 5, 10, 30, 100]

  /// Student's 97.5 % quantiles for these counts less one, from tables.
  private static let student = [
    2: 12.706204736174698, 3: 4.302652729749464, 5: 2.7764451051977987, 10: 2.2621571627409915, 30: 2.045229642132703,
    100: 1.9842169515086827,
  ]

  /// The share of `repeats` samples of `count` numbers for which `holds` is true; a fixed seed for each.
  static func share(
    of population: Population, count: Int, repeats: Int, _ holds: @Sendable ([Double]) -> Bool?
  ) -> Double {
    let held = parallelMap(repeats, threads: 8) { index in
      var random = SeededGenerator(seed: UInt64(index), stream: [UInt64(count)])
      return holds((0..<count).map { _ in population.draw(&random) }) ?? false
    }
    return Double(held.count { $0 }) / Double(repeats)
  }

  /// With room for the rounding of a mean that is met exactly.
  static func contains(_ interval: ClosedRange<Double>?, _ value: Double) -> Bool? {
    interval.map { $0.lowerBound <= value + 1e-9 && $0.upperBound >= value - 1e-9 }
  }

  /// The t-interval of the mean, clipped to 0...100.
  static func student(_ values: [Double]) -> ClosedRange<Double>? {
    guard let summary = Summary(values), let deviation = summary.standardDeviation,
      let quantile = student[values.count]
    else { return nil }
    let spread = quantile * deviation / Double(values.count).squareRoot()
    return (summary.mean - spread...summary.mean + spread).clamped(to: 0...100)
  }

  /// The percentile bootstrap's interval of the mean, of 1,000 samples.
  static func bootstrap(_ values: [Double]) -> ClosedRange<Double>? {
    var random = SeededGenerator(seed: 1, stream: [UInt64(values.count)])
    let count = values.count
    let means = (0..<1000).map { _ in
      (0..<count).reduce(0) { sum, _ in sum + values[random.integer(below: count)] } / Double(count)
    }.sorted()
    return means[24]...means[975]
  }
}
