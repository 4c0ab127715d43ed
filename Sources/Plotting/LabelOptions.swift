/// The places that each label can choose among, cheapest first, and what they cost: each by itself and two together.
struct LabelOptions {
  /// A candidate with what the search asks of it again and again.
  struct Option {
    var candidate: LabelCandidate
    /// The label's box with white space around it.
    var guarded: Rectangle
    var leader: [Segment]
    /// Around all of it: two options whose reaches lie apart cost each other nothing.
    var reach: Rectangle
    /// What it costs by itself.
    var cost = 0.0

    init(_ candidate: LabelCandidate, among obstacles: LabelObstacles) {
      self.candidate = candidate
      let guarded = candidate.box.inset(by: -LabelOptions.clearance)
      self.guarded = guarded
      leader = Segment.joining(candidate.leader)
      reach = candidate.leader.reduce(guarded) { $0.extended(to: $1) }
      cost = LabelOptions.cost(of: self, among: obstacles)
    }
  }

  /// One label's option, by its place in the list.
  typealias Choice = (label: Int, index: Int)

  private let all: [[Option]]

  private static let leaderThroughBox = 1000.0
  private static let leaderAcrossLeader = 200.0
  private static let leaderAcrossLine = 100.0
  private static let leaderPerPoint = 0.1
  /// White space kept around a box, in points.
  private static let clearance = 2.0

  init(_ requests: [[LabelCandidate]], among obstacles: LabelObstacles) {
    all = requests.map { candidates in
      let options = candidates.map { Option($0, among: obstacles) }
      return options.indices.sorted { (options[$0].cost, $0) < (options[$1].cost, $1) }.map { options[$0] }
    }
  }

  /// All labels.
  var labels: Range<Int> { all.indices }

  /// The options of one label.
  func indices(of label: Int) -> Range<Int> { all[label].indices }

  subscript(choice: Choice) -> Option { all[choice.label][choice.index] }

  /// What an option costs by itself.
  func cost(of choice: Choice) -> Double { all[choice.label][choice.index].cost }

  /// What two options cost each other. Asked so often that the answer for most, which lie apart, copies neither.
  func cost(between one: Choice, and other: Choice) -> Double {
    guard all[one.label][one.index].reach.meets(all[other.label][other.index].reach) else { return 0 }
    return Self.cost(between: self[one], and: self[other])
  }

  private static func cost(of option: Option, among obstacles: LabelObstacles) -> Double {
    var cost = option.candidate.bias
    let box = option.candidate.box
    if !obstacles.bounds.contains(box) {
      cost += LabelPlacement.collision + box.width * box.height - obstacles.bounds.overlap(with: box)
    }
    for segment in obstacles.segments {
      let length = segment.length(inside: option.guarded)
      if length > 0 { cost += LabelPlacement.collision + length }
    }
    for other in obstacles.boxes {
      let area = other.overlap(with: option.guarded)
      if area > 0 { cost += LabelPlacement.collision + area }
    }
    // What lies on something is the last resort however it is led to.
    if cost >= LabelPlacement.collision { return cost }
    for part in option.leader {
      cost += leaderPerPoint * part.length
      for other in obstacles.boxes where part.length(inside: other) > 0 { cost += leaderThroughBox }
      for segment in obstacles.segments where part.crosses(segment) { cost += leaderAcrossLine }
    }
    return cost
  }

  private static func cost(between one: Option, and other: Option) -> Double {
    var cost = 0.0
    let area = one.guarded.overlap(with: other.candidate.box)
    if area > 0 { cost += LabelPlacement.collision + area }
    for part in one.leader where part.length(inside: other.guarded) > 0 { cost += leaderThroughBox }
    for part in other.leader where part.length(inside: one.guarded) > 0 { cost += leaderThroughBox }
    for part in one.leader {
      for their in other.leader where part.crosses(their) { cost += leaderAcrossLeader }
    }
    return cost
  }
}
