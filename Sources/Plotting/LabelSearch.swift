/// The best choice of places so far, and the search for a better one: branch and bound.
struct LabelSearch {
  let options: LabelOptions
  private(set) var chosen: [Int?]
  private var best = Double.infinity
  /// No choice that costs as much is looked for.
  private var limit = 0.0
  private var stepsLeft = 0
  /// The labels, those first that pay most for the others' sake.
  private var order: [Int] = []
  /// The least that the labels from a depth on can cost.
  private var floor: [Double] = []
  private var path: [Int] = []

  init(options: LabelOptions) {
    self.options = options
    chosen = options.labels.map { _ in nil }
  }

  /// Takes a choice where it is cheaper than the best.
  mutating func start(from choice: [Int?]) {
    let placed = options.labels.compactMap { label in choice[label].map { (label: label, index: $0) } }
    var total = 0.0
    for (at, one) in placed.enumerated() {
      total += options.cost(of: one)
      for other in placed[(at + 1)...] { total += options.cost(between: one, and: other) }
    }
    guard total < best else { return }
    (best, chosen) = (total, choice)
    order = placed.map { (label: $0.label, regret: options.cost(of: $0) - options.cost(of: ($0.label, 0))) }
      .sorted { ($1.regret, $0.label) < ($0.regret, $1.label) }.map(\.label)
    floor = order.indices.map { depth in order[depth...].reduce(0) { $0 + options.cost(of: ($1, 0)) } } + [0]
  }

  /// Looks close to the least conceivable cost first, then farther: a tight limit leaves few branches.
  mutating func improve() {
    guard let least = floor.first else { return }
    for slack in [2.0, 6, 18, 60, .infinity] where least < best {
      let before = best
      limit = min(best, least + slack)
      stepsLeft = 5_000
      place(depth: 0, spent: 0)
      // What was found below a limit is the cheapest of all; so is the old best below it.
      if best < before || before < least + slack { return }
    }
  }

  /// Depth first; gives up a branch as soon as it cannot stay below the limit.
  private mutating func place(depth: Int, spent: Double) {
    guard depth < order.count else {
      (best, limit) = (spent, spent)
      for (label, index) in zip(order, path) { chosen[label] = index }
      return
    }
    let label = order[depth]
    for index in options.indices(of: label) {
      // A hair less, so that rounding does not make the best look beaten.
      let cost = spent + options.cost(of: (label, index))
      guard cost + floor[depth + 1] < limit - 1e-9, stepsLeft > 0 else { return }
      stepsLeft -= 1
      let sum = zip(order, path).reduce(cost) { $0 + options.cost(between: (label, index), and: $1) }
      guard sum + floor[depth + 1] < limit - 1e-9 else { continue }
      path.append(index)
      place(depth: depth + 1, spent: sum)
      path.removeLast()
    }
  }
}
