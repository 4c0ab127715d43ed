import Experiment
import Plotting

/// The report of a comparison as one page, from the same template as the Markdown report.
public struct ComparisonPage {
  private let comparison: Comparison
  private let runsTablePath: String?
  private let command: String
  private let missing: (runs: [String], command: String)?
  private let link: (ComparedRun) -> String

  /// - Parameters: as of `ComparisonReport`, seen from the page.
  public init(
    _ comparison: Comparison, runsTablePath: String? = nil, command: String,
    missing: (runs: [String], command: String)? = nil, link: @escaping (ComparedRun) -> String
  ) {
    self.comparison = comparison
    self.runsTablePath = runsTablePath
    self.command = command
    self.missing = missing
    self.link = link
  }

  /// The page's text.
  /// - Parameters:
  ///   - template: a Mustache template's text, of Markdown; the one in `templates/` by default.
  ///   - name: where that comes from, for errors.
  /// - Throws: `InputError` where the template asks for a value that there is not; `PlottingError` where Cairo fails.
  public func html(template: String? = nil, name: String = "templates/comparison.md.mustache") throws -> String {
    let sheets = try ComparisonFigure(comparison).runsPictures()
    let names = sheets.indices.map { "runs\($0 + 1)" }
    let report = ComparisonReport(
      comparison, figurePath: "comparison", runsFigurePaths: names, distributionFigurePath: "distribution",
      runsTablePath: runsTablePath, command: command, missing: missing, link: link)
    let description = ComparisonText.figure(comparison)
    var figures = [
      "comparison": try means(description),
      "distribution": PageFigure(
        try DistributionFigure(comparison).picture(), name: "distribution",
        description: "Clean accuracy and attack success of every run at each X"),
    ]
    for (name, picture) in zip(names, sheets) {
      figures[name] = PageFigure(
        picture, name: name,
        description: "Clean accuracy and attack success of each run by itself; the table above has its numbers")
    }
    return try HTMLPage(
      markdown: report.markdown(template: template, name: name), figures: figures, summary: description
    ).text
  }

  /// With one group its means are read off; a sheet of several has no single line to move along.
  private func means(_ description: String) throws -> PageFigure {
    let figure = ComparisonFigure(comparison)
    guard comparison.groups.count == 1, let group = comparison.groups.first else {
      return PageFigure(try figure.picture(), name: "comparison", description: description)
    }
    let (clean, backdoored) = comparison.reported
    let points = group.curve.enumerated().map { k, point in
      let attack = backdoored.map { "; attack success \(Format.percent(point[$0])) (\($0.title))" } ?? ""
      return (
        x: Double(k) / Double(max(1, group.channels)),
        text: """
        k = \(k) of \(group.channels), means: clean accuracy \(Format.percent(point[clean])) (\(clean.title))\(attack)
        """,
        values: [point[clean]?.mean] + (backdoored.map { [point[$0]?.mean] } ?? [])
      )
    }
    let colors: [Color] = backdoored == nil ? [.blue] : [.blue, .vermillion]
    return PageFigure(
      try figure.chart(), name: "comparison", description: description,
      reading: .init(label: "Channels pruned", colors: colors, points: points))
  }
}
