import Datasets
import Experiment
import Files
import Plotting

/// Several runs in one figure, from their records alone: clean accuracy in one panel, attack success in the other, a line a
/// run.
public struct SeveralRunsFigure {
  private let runs: [(name: String, record: RunRecord)]

  /// How many runs are told apart.
  public static let mostRuns = 12

  /// - Parameter runs: 2...`mostRuns`, each with what its line is called.
  /// - Throws: `InputError` for more of them.
  public init(_ runs: [(name: String, record: RunRecord)]) throws {
    guard (2...Self.mostRuns).contains(runs.count) else {
      throw InputError(
        "plot", found: "\(runs.count) runs", expected: "1...\(Self.mostRuns); espalier compare draws more together")
    }
    self.runs = runs
  }

  /// Colours, and dashes that tell them apart in grey as well.
  private static let strokes: [Stroke] = {
    let colors: [Color] = [.blue, .vermillion, .green, .purple, .orange, .skyBlue]
    let dashes: [[Double]] = [[], [5, 2], [1.5, 1.5], [6, 2, 1.5, 2], [9, 3], [3, 3]]
    return [0, 1].flatMap { turn in
      colors.indices.map { Stroke(colors[$0], width: 1.4, dash: dashes[($0 + 3 * turn) % dashes.count]) }
    }
  }()

  /// The two panels.
  package func sheet() throws -> SmallMultiples {
    let panels = try [("Clean accuracy", false), ("Attack success rate", true)].compactMap { title, isAttack in
      let lines = zip(runs, Self.strokes).compactMap { run, stroke -> Series? in
        let reported = run.record.reported
        guard let split = isAttack ? reported.backdoored : reported.clean else { return nil }
        let points = run.record.curve.map { point in
          Point(
            Double(point.channelsPruned) / Double(max(1, run.record.channels)), point.rates[split]?.percent ?? .nan)
        }
        return Series(Format.shortName(run.name, most: 32), points: points, stroke: stroke, labeling: .legend)
      }
      return lines.isEmpty ? nil : try LineChart(title: title, xAxis: xAxis, yAxis: yAxis, series: lines)
    }
    return try SmallMultiples(
      title: "Pruning defence: \(runs.count) runs", footnotes: footnotes, xAxis: xAxis, yAxis: yAxis, panels: panels,
      columns: panels.count)
  }

  /// The panels on a page of a journal's two columns.
  public func picture() throws -> Picture { try sheet().picture(height: 300) }

  private var xAxis: Axis {
    get throws {
      try Axis("Fraction of channels pruned", from: 0, to: 1, ticks: stride(from: 0, through: 1, by: 0.2).map { $0 }) {
        Format.fixed($0, 1)
      }
    }
  }

  private var yAxis: Axis {
    get throws { try Axis("Percent", from: 0, to: 100, ticks: stride(from: 0, through: 100, by: 20).map { $0 }) }
  }

  private var footnotes: [String] {
    let splits = runs.map { run in
      let (clean, backdoored) = run.record.reported
      return [clean.title, backdoored?.title].compactMap(\.self).joined(separator: " and ")
    }
    let all = Set(splits)
    return all.count == 1
      ? ["On the \(splits[0]) splits of each run."] : ["On the split of each run that has more rows."]
  }
}
