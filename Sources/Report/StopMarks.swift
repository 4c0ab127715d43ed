import Defences
import Files
import Plotting

/// Where the X of a run or of a comparison stop, as a figure marks them: X that stop at one k share a mark and its label.
struct StopMarks<Stop> {
  /// X that stop together.
  struct Shared {
    /// Ascending.
    var drops: [Drop]
    /// The first of them.
    var stop: Stop
    /// Whether the figure labels it; else the table alone tells it.
    var isLabelled = true

    /// `X = 2`, and `X = 3–5` for all those from 3 to 5.
    var title: String {
      guard let first = drops.first, let last = drops.last else { return "" }
      return first == last ? "X = \(first)" : "X = \(first)–\(last)"
    }
  }

  /// In the order of k.
  private(set) var shared: [Shared] = []

  /// - Parameters:
  ///   - stops: the X that are reached, with what tells where.
  ///   - mostLabels: of how many marks the first, the last and others evenly between are labelled.
  ///   - place: what X that stop together have in common.
  init<Place: Comparable & Hashable>(
    _ stops: [(drop: Drop, stop: Stop)], mostLabels: Int, at place: (Stop) -> Place
  ) {
    let groups = Dictionary(grouping: stops) { place($0.stop) }
    shared = groups.sorted { $0.key < $1.key }.compactMap { _, stops in
      let stops = stops.sorted { $0.drop < $1.drop }
      return stops.first.map { Shared(drops: stops.map(\.drop), stop: $0.stop) }
    }
    let labelled = Set(Mark.evenly(Array(shared.indices), mostLabels))
    for index in shared.indices { shared[index].isLabelled = labelled.contains(index) }
  }

  /// A sentence, with the space before it, where not every mark has a label; else empty.
  var sentence: String {
    let labels = shared.count(where: \.isLabelled)
    return labels == shared.count
      ? "" : " \(labels) of \(shared.count) places where X stop are labelled; the report's table has every X."
  }
}

extension Format {
  /// X in a sentence: a few one by one, many as `60 values from 1 to 60`.
  static func drops(_ drops: [Drop]) -> String {
    guard drops.count > 6, let least = drops.min(), let most = drops.max() else { return list(drops.map { "\($0)" }) }
    return "each of \(drops.count) values from \(least) to \(most)"
  }

  /// A name in a figure: a long one without its middle.
  static func shortName(_ name: String, most letters: Int = 60) -> String {
    let name = VisibleText.line(name)
    guard name.count > letters else { return name }
    return "\(name.prefix(letters / 2))…\(name.suffix(letters - letters / 2 - 1))"
  }
}
