import NeuralNetwork

/// What rates of runs may look like, in percent, with means and medians that are known.
struct Population: Sendable {
  let name: String
  let mean: Double
  /// A median; nil where the tests of the median leave the population out.
  let median: Double?
  let draw: @Sendable (inout SeededGenerator) -> Double

  /// Sums of uniform numbers and steps alone, so that a seed means the same numbers on every machine.
  static let all: [Population] = [
    Population(name: "all at 100", mean: 100, median: 100) { _ in 100 },
    Population(name: "3/4 at 100, the rest uniform", mean: 87.5, median: 100) {
      $0.uniform() < 0.75 ? 100 : 100 * $0.uniform()
    },
    Population(name: "9/10 at 100, the rest uniform", mean: 95, median: 100) {
      $0.uniform() < 0.9 ? 100 : 100 * $0.uniform()
    },
    Population(name: "uniform", mean: 50, median: 50) { 100 * $0.uniform() },
    Population(name: "U-shaped", mean: 50, median: 50) { random in
      // Density 3 (1 - 2x)² on 0...1: the largest in size of three numbers in -1...1, moved.
      let numbers = (0..<3).map { _ in random.uniform(in: -1..<1) }
      return 50 + 50 * (numbers.max { abs($0) < abs($1) } ?? 0)
    },
    Population(name: "near normal, 93 ± 2", mean: 93, median: 93) { random in
      93 + 2 * ((0..<12).reduce(0) { sum, _ in sum + random.uniform() } - 6)
    },
    Population(name: "skewed, most near 100", mean: 75, median: 87.5) {
      let u = $0.uniform()
      return 100 * (1 - u * u * u)
    },
    Population(name: "mixture: 80 % about 95, 20 % about 10", mean: 78, median: nil) {
      $0.uniform() < 0.8 ? 90 + 10 * $0.uniform() : 20 * $0.uniform()
    },
    Population(name: "Bernoulli 0.6", mean: 60, median: 100) { $0.uniform() < 0.6 ? 100 : 0 },
    Population(name: "Bernoulli 0.9", mean: 90, median: 100) { $0.uniform() < 0.9 ? 100 : 0 },
    Population(name: "Bernoulli 0.98", mean: 98, median: 100) { $0.uniform() < 0.98 ? 100 : 0 },
  ]
}
