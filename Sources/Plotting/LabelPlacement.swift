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
  private static let leaderThroughBox = 1000.0
  private static let leaderAcrossLeader = 200.0
  private static let leaderAcrossLine = 100.0
  private static let leaderPerPoint = 0.1
  /// White space kept around a box, in points.
  private static let clearance = 2.0

  /// Chooses among `requests`, the candidates of each label.
  ///
  /// A first choice places labels one after the other, from several starting orders, and moves each to its best place given
  /// all others until none moves; a branch-and-bound search then looks for a cheaper one, up to a number of steps: for a
  /// handful of labels it ends with the cheapest of all. The result depends on the input alone.
  package init(of requests: [[LabelCandidate]], among obstacles: LabelObstacles) {
    let options = requests.map { Self.ranked($0, among: obstacles) }
    let labels = options.indices.filter { !options[$0].isEmpty }
    let rotations = labels.indices.prefix(6).map { Array(labels[$0...] + labels[..<$0]) }
    var search = LabelSearch(options: options)
    for order in rotations + rotations.map({ $0.reversed() }) { search.start(from: Self.descend(options, order)) }
    search.improve()
    let chosen = search.chosen
    places = options.indices.map { label in chosen[label].map { options[label][$0].candidate } }
    costs = options.indices.map { label in
      chosen[label].map { Self.cost(of: options[label][$0], label, beside: chosen, options, labels) } ?? 0
    }
  }

  /// A candidate with what the search asks of it again and again.
  struct Option {
    var candidate: LabelCandidate
    var guarded: Rectangle
    var leader: [Segment]
    var cost = 0.0

    init(_ candidate: LabelCandidate, among obstacles: LabelObstacles) {
      self.candidate = candidate
      guarded = candidate.box.inset(by: -LabelPlacement.clearance)
      leader = Segment.joining(candidate.leader)
      cost = LabelPlacement.cost(of: self, among: obstacles)
    }
  }

  /// Candidates with what they cost by themselves, cheapest first.
  private static func ranked(_ candidates: [LabelCandidate], among obstacles: LabelObstacles) -> [Option] {
    let options = candidates.map { Option($0, among: obstacles) }
    return options.indices.sorted { (options[$0].cost, $0) < (options[$1].cost, $1) }.map { options[$0] }
  }

  private static func descend(_ options: [[Option]], _ labels: [Int]) -> [Int?] {
    var chosen = [Int?](repeating: nil, count: options.count)
    for _ in 0..<8 {
      let before = chosen
      for label in labels {
        var best = Double.infinity
        for (index, option) in options[label].enumerated() {
          // Options are sorted: none of the rest can be cheaper.
          if option.cost >= best { break }
          let total = cost(of: option, label, beside: chosen, options, labels)
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

  /// What an option of `label` costs by itself and with the places chosen for the other labels.
  private static func cost(
    of option: Option, _ label: Int, beside chosen: [Int?], _ options: [[Option]], _ labels: [Int]
  ) -> Double {
    labels.reduce(option.cost) { sum, other in
      guard other != label, let index = chosen[other] else { return sum }
      return sum + cost(between: option, and: options[other][index])
    }
  }

  private static func cost(of option: Option, among obstacles: LabelObstacles) -> Double {
    var cost = option.candidate.bias
    let box = option.candidate.box
    if !obstacles.bounds.contains(box) {
      cost += collision + box.width * box.height - obstacles.bounds.overlap(with: box)
    }
    for segment in obstacles.segments {
      let length = segment.length(inside: option.guarded)
      if length > 0 { cost += collision + length }
    }
    for other in obstacles.boxes {
      let area = other.overlap(with: option.guarded)
      if area > 0 { cost += collision + area }
    }
    // What lies on something is the last resort however it is led to.
    if cost >= collision { return cost }
    for part in option.leader {
      cost += leaderPerPoint * part.length
      for other in obstacles.boxes where part.length(inside: other) > 0 { cost += leaderThroughBox }
      for segment in obstacles.segments where part.crosses(segment) { cost += leaderAcrossLine }
    }
    return cost
  }

  static func cost(between one: Option, and other: Option) -> Double {
    var cost = 0.0
    let area = one.guarded.overlap(with: other.candidate.box)
    if area > 0 { cost += collision + area }
    for part in one.leader where part.length(inside: other.guarded) > 0 { cost += leaderThroughBox }
    for part in other.leader where part.length(inside: one.guarded) > 0 { cost += leaderThroughBox }
    for part in one.leader {
      for their in other.leader where part.crosses(their) { cost += leaderAcrossLeader }
    }
    return cost
  }
}
