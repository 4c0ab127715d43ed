import Threads

/// A place where a label could stand.
package struct LabelCandidate: Equatable, Sendable {
  /// The label's box.
  package var box: Rectangle
  /// The thin line from what is labelled to the box; empty where the box stands right beside it.
  package var leader: [Point]
  /// How little this place is liked for reasons of its own; collisions cost `LabelPlacement.collision` each.
  package var bias: Double

  package init(box: Rectangle, leader: [Point] = [], bias: Double = 0) {
    self.box = box
    self.leader = leader
    self.bias = bias
  }
}

/// What labels must not lie upon.
package struct LabelObstacles: Equatable, Sendable {
  /// Where labels must stay.
  package var bounds: Rectangle
  /// Lines.
  package var segments: [Segment]
  /// Markers and the like.
  package var boxes: [Rectangle]

  package init(bounds: Rectangle, segments: [Segment] = [], boxes: [Rectangle] = []) {
    self.bounds = bounds
    self.segments = segments
    self.boxes = boxes
  }
}

/// Chooses a place for each label so that the sum of costs is small: a box on anything costs most, then a leader through
/// a label or a marker, then crossing lines; then shorter leaders win.
package struct LabelPlacement: Equatable, Sendable {
  /// The place of each label, in the order asked; nil for one without candidates.
  package var places: [LabelCandidate?]
  /// What each label's place costs; `collision` or more where it lies on something.
  package var costs: [Double]

  /// The cost from which a label collides with something.
  package static let collision = 1000.0

  /// How many labels are placed at most; the later ones get no place.
  package static let mostLabels = 12
  /// How often the descents look at a label's options: from 12 orders, up to 8 times each.
  static let mostVisits = 96

  /// Chooses among `requests`, the candidates of each label; for more than `mostLabels` of them for the first ones.
  ///
  /// A first choice places labels one after the other, from several starting orders, and moves each to its best place given
  /// all others until none moves; a branch-and-bound search then looks for a cheaper one, up to a number of steps: for a
  /// handful of labels it ends with the cheapest of all. The result depends on the input alone, and so does the work, which
  /// is bounded whatever is asked.
  package init(of requests: [[LabelCandidate]], among obstacles: LabelObstacles) {
    let most = requests.prefix(Self.mostLabels)
    self.init(LabelOptions(Array(most), among: obstacles))
    places += Array(repeating: nil, count: requests.count - most.count)
    costs += Array(repeating: 0, count: requests.count - most.count)
  }

  /// - Parameter without: labels that get no place.
  init(_ options: LabelOptions, without: Set<Int> = []) {
    let labels = options.labels.filter { !options.indices(of: $0).isEmpty && !without.contains($0) }
    let rotations = labels.indices.prefix(6).map { Array(labels[$0...] + labels[..<$0]) }
    var search = LabelSearch(options: options)
    let orders = rotations + rotations.map { $0.reversed() }
    for choice in parallelMap(orders.count, threads: 4, { Self.descend(options, orders[$0]) }) {
      search.start(from: choice)
    }
    search.improve()
    let chosen = search.chosen
    places = options.labels.map { label in chosen[label].map { options.candidate((label, $0)) } }
    costs = options.labels.map { label in
      chosen[label].map { Self.cost(of: (label, $0), beside: chosen, options, labels) } ?? 0
    }
  }

  private static func descend(_ options: LabelOptions, _ labels: [Int]) -> [Int?] {
    var chosen = [Int?](repeating: nil, count: options.labels.count)
    for _ in 0..<8 {
      let before = chosen
      for label in labels {
        var best = Double.infinity
        for index in options.indices(of: label) {
          // Options are sorted: none of the rest can be cheaper.
          if options.cost(of: (label, index)) >= best { break }
          let total = cost(of: (label, index), beside: chosen, options, labels)
          if total < best {
            best = total
            chosen[label] = index
          }
        }
      }
      if chosen == before { break }
    }
    return chosen
  }

  /// What a label's option costs by itself and with the places chosen for the other labels.
  private static func cost(
    of choice: LabelOptions.Choice, beside chosen: [Int?], _ options: LabelOptions, _ labels: [Int]
  ) -> Double {
    labels.reduce(options.cost(of: choice)) { sum, other in
      guard other != choice.label, let index = chosen[other] else { return sum }
      return sum + options.cost(between: choice, and: (other, index))
    }
  }
}
