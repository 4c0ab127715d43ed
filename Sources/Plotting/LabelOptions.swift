import Threads

/// The places that each label can choose among, cheapest first, and what they cost: each by itself and two together.
///
/// Thousands of them are asked for their costs a few hundred thousand times: what the search reads lies in flat arrays.
struct LabelOptions {
  /// One label's option, by its place in the list.
  typealias Choice = (label: Int, index: Int)

  /// Of all labels, one after the other.
  private let options: [Option]
  private let segments: [Segment]
  private let candidates: [LabelCandidate]
  /// Where a label's options lie.
  private let ranges: [Range<Int>]

  fileprivate static let leaderThroughBox = 1000.0
  private static let leaderAcrossLeader = 200.0

  /// More would wait for work: charts have a handful of labels.
  static let mostThreads = 8

  /// How many candidates are at most compared with how many runs of obstacles: some 20 ms on one core.
  private static let mostComparisons = 1_000_000
  /// How many pairs of options the descents look at, at most: another 20 ms.
  private static let mostPairs = 12_000_000

  init(_ requests: [[LabelCandidate]], among obstacles: LabelObstacles) {
    let near = NearObstacles(bounds: obstacles.bounds, segments: Runs(obstacles.segments), boxes: Runs(obstacles.boxes))
    let runs = 2 + (obstacles.segments.count + obstacles.boxes.count) / Runs<Segment>.length
    // Where there are more candidates than can be looked at, every n-th of them stands for all.
    let step = max(1, requests.reduce(0) { $0 + $1.count } * runs / Self.mostComparisons)
    let labels = max(1, requests.count)
    let most = max(16, Self.mostPairs / (LabelPlacement.mostVisits * labels * labels))
    let all = parallelMap(requests.count, threads: Self.mostThreads) { label in
      let kept =
        step == 1 ? requests[label] : stride(from: 0, to: requests[label].count, by: step).map { requests[label][$0] }
      return OwnOptions(kept, among: near, most: most)
    }
    var (options, segments, candidates, ranges) = ([Option](), [Segment](), [LabelCandidate](), [Range<Int>]())
    for own in all {
      ranges.append(options.count..<options.count + own.options.count)
      options += own.options.map { $0.moved(candidates: candidates.count, segments: segments.count) }
      segments += own.segments
      candidates += own.candidates
    }
    (self.options, self.segments, self.candidates, self.ranges) = (options, segments, candidates, ranges)
  }

  /// All labels.
  var labels: Range<Int> { ranges.indices }

  /// The options of one label.
  func indices(of label: Int) -> Range<Int> { 0..<ranges[label].count }

  /// What an option stands for.
  func candidate(_ choice: Choice) -> LabelCandidate { candidates[options[place(of: choice)].candidate] }

  /// What an option costs by itself.
  func cost(of choice: Choice) -> Double { options[place(of: choice)].cost }

  private func place(of choice: Choice) -> Int { ranges[choice.label].lowerBound + choice.index }

  /// What two options cost each other.
  func cost(between one: Choice, and other: Choice) -> Double {
    let (one, other) = (place(of: one), place(of: other))
    guard options[one].reach.meets(options[other].reach) else { return 0 }
    let (ours, theirs) = (options[one], options[other])
    var cost = 0.0
    let area = ours.guarded.overlap(with: theirs.box)
    if area > 0 { cost += LabelPlacement.collision + area }
    for part in ours.leader where segments[part].length(inside: theirs.guarded) > 0 { cost += Self.leaderThroughBox }
    for part in theirs.leader where segments[part].length(inside: ours.guarded) > 0 { cost += Self.leaderThroughBox }
    for part in ours.leader {
      for other in theirs.leader where segments[part].crosses(segments[other]) { cost += Self.leaderAcrossLeader }
    }
    return cost
  }

  /// What the search asks of a candidate again and again.
  fileprivate struct Option {
    /// Which of the candidates it is.
    var candidate: Int
    var box: Rectangle
    /// The box with white space around it.
    var guarded: Rectangle
    /// Around all of it: two options whose reaches lie apart cost each other nothing.
    var reach: Rectangle
    /// Of the leader, among `segments`.
    var leader: Range<Int>
    /// What it costs by itself.
    var cost = 0.0

    /// The same among lists that begin with others.
    func moved(candidates: Int, segments: Int) -> Option {
      var moved = self
      moved.candidate += candidates
      moved.leader = leader.lowerBound + segments..<leader.upperBound + segments
      return moved
    }
  }
}

/// `LabelObstacles`, those near a place at hand.
private struct NearObstacles: Sendable {
  let bounds: Rectangle
  let segments: Runs<Segment>
  let boxes: Runs<Rectangle>
}

/// The places that one label can choose among, cheapest first.
private struct OwnOptions: Sendable {
  typealias Option = LabelOptions.Option

  let candidates: [LabelCandidate]
  private(set) var options: [Option] = []
  private(set) var segments: [Segment] = []

  private static let leaderAcrossLine = 100.0
  private static let leaderPerPoint = 0.1
  /// White space kept around a box, in points.
  private static let clearance = 2.0

  /// - Parameter most: how many options are kept, the cheapest ones.
  init(_ candidates: [LabelCandidate], among obstacles: NearObstacles, most: Int) {
    self.candidates = candidates
    var unsorted: [Option] = []
    unsorted.reserveCapacity(candidates.count)
    for (index, candidate) in candidates.enumerated() {
      let guarded = candidate.box.inset(by: -Self.clearance)
      let first = segments.count
      for index in candidate.leader.indices.dropLast() {
        segments.append(Segment(candidate.leader[index], candidate.leader[index + 1]))
      }
      var option = Option(
        candidate: index, box: candidate.box, guarded: guarded,
        reach: candidate.leader.reduce(guarded) { $0.extended(to: $1) }, leader: first..<segments.count)
      option.cost = cost(of: option, among: obstacles)
      unsorted.append(option)
    }
    let order = unsorted.indices.sorted { (unsorted[$0].cost, $0) < (unsorted[$1].cost, $1) }
    options = order.prefix(most).map { unsorted[$0] }
  }

  private func cost(of option: Option, among obstacles: NearObstacles) -> Double {
    var cost = candidates[option.candidate].bias
    if !obstacles.bounds.contains(option.box) {
      cost +=
        LabelPlacement.collision + option.box.width * option.box.height - obstacles.bounds.overlap(with: option.box)
    }
    obstacles.segments.forEach(near: option.guarded) { segment in
      let length = segment.length(inside: option.guarded)
      if length > 0 { cost += LabelPlacement.collision + length }
    }
    obstacles.boxes.forEach(near: option.guarded) { other in
      let area = other.overlap(with: option.guarded)
      if area > 0 { cost += LabelPlacement.collision + area }
    }
    // What lies on something is the last resort however it is led to.
    if cost >= LabelPlacement.collision { return cost }
    for part in segments[option.leader] {
      cost += Self.leaderPerPoint * part.length
      obstacles.boxes.forEach(near: part.bounds) {
        if part.length(inside: $0) > 0 { cost += LabelOptions.leaderThroughBox }
      }
      obstacles.segments.forEach(near: part.bounds) { if part.crosses($0) { cost += Self.leaderAcrossLine } }
    }
    return cost
  }
}
