import Attacks
import Experiment
import Foundation
import Report
import Testing

struct ReportTextTests {
  private func published(
    reference: Bool = false, style: RunReport.TableStyle = .markdown, change: (inout RecordMaker) -> Void = { _ in }
  ) throws -> String {
    var maker = try RecordMaker.published()
    change(&maker)
    let curve = try ReferenceCurve(csv: fixture("published_table.csv"), path: "published_table.csv")
    return try RunReport(
      maker.record(), figurePath: "../figures/output.png", reference: reference ? curve : nil, tableStyle: style
    ).markdown()
  }

  @Test func sectionsAreThePublishedReports() throws {
    let headings = try published().split(separator: "\n").filter { $0.hasPrefix("#") }
    #expect(
      headings == [
        "# The pruning defence against a backdoored network", "## Abstract", "## Introduction", "## Methodology",
        "## Results",
        "### Baseline evaluation", "### Pruning defence", "### Table of results", "### Repaired networks",
        "## Conclusion", "## Conventions", "## Reproduce",
      ])
  }

  @Test func everyNumberOfChannelsHasItsRow() throws {
    let lines = try published().split(separator: "\n")
    for pruned in 1...60 { #expect(lines.count { $0.hasPrefix("| \(pruned)/60 (") } == 1) }
    #expect(lines.contains("| 52/60 (86.67 %)  |      51 |              84.44 % |              77.21 % |"))
  }

  @Test func nothingIsLeftOpen() throws {
    for reference in [false, true] {
      let text = try published(reference: reference)
      for trace in ["{{", "}}", "]()", "Optional(", "nil", "nan", "\n\n\n"] { #expect(!text.contains(trace)) }
      #expect(text.contains("](../figures/output.png)"))
      #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
    }
  }

  @Test func thePublishedStyleHasThePublishedTable() throws {
    #expect(try published(style: .published).contains("```text\n\(fixture("published_table.md"))```\n"))
  }

  @Test func thePublishedCurveStandsBesideTheRuns() throws {
    #expect(
      try published(reference: true).contains(
        """
        Beside the published curve (`published_table.csv`), where each X stopped:

        | Channels pruned | Clean accuracy here | published | Attack success here | published |
        | :-------------- | ------------------: | --------: | ------------------: | --------: |
        | X = 2, k = 45   |             95.76 % |   95.76 % |            100.00 % |  100.00 % |
        | X = 4, k = 48   |             92.09 % |   92.09 % |             99.98 % |   99.98 % |
        | X = 10, k = 52  |             84.44 % |   84.44 % |             77.21 % |   77.21 % |
        """))
  }

  @Test func repairedNetworksStandBesideB() throws {
    #expect(
      try published().contains(
        """
        Validation splits:

        | Network    | Channels pruned | Clean accuracy [95 %] | Attack success rate [95 %] |
        | :--------- | --------------: | --------------------: | -------------------------: |
        | B          |               0 |  98.65 % [98.4, 98.9] |                        n/a |
        | B', X = 2  |              45 |  95.76 % [95.4, 96.1] |                        n/a |
        """))
  }

  @Test func whatDiffersBetweenRunsIsSaid() throws {
    #expect(!(try published().contains("literal reading")))
    let literal = try published { $0.order = "descending" }
    #expect(
      literal.contains("in descending order of that mean, the most active first.\n   This is the literal reading"))
    #expect(try published { $0.order = "random" }.contains("in a random order drawn from seed 7."))
    #expect(try published { $0.excludesTarget = true }.contains("Faces whose true identity is the target are left out"))
    #expect(try published { $0.drops = ["2.5"] }.contains("For each X (2.5) B' is the network after"))
  }

  @Test func withoutARepairedNetworkThereIsNothingAboutG() throws {
    let text = try RunReport(RecordMaker(valid: [100, 100], attack: [100, 100]).record(), figurePath: "f.png")
      .markdown()
    #expect(!text.contains("What G flags"))
  }

  @Test func theCommandIsOneThatAShellReadsBack() throws {
    var maker = RecordMaker(valid: [100, 90])
    maker.modelPath = "my model's.h5"
    #expect(
      ReproductionCommand(try maker.record()).text == """
        espalier run --model 'my model'\\''s.h5' --input-scale 1 \\
          --clean-valid cleanValid.h5 \\
          --layer pool_3 --order ascending --seed 7 \\
          --drops 2,4,10
        """)
  }

  private static let renderer = "/usr/bin/cmark-gfm"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: renderer), "cmark-gfm is not installed"))
  func gitHubsRendererSeesEveryTable() throws {
    let text = try published(reference: true) { $0.modelPath = "a|b `c`.h5" }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString).md")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.renderer)
    process.arguments = ["--extension", "table", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let html = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    let tables = text.split(separator: "\n").count { $0.hasPrefix("| :") }
    #expect(tables == 7)
    #expect(html.split(separator: "\n").count { $0 == "<table>" } == tables)
    #expect(!html.contains("<p>|"))
    #expect(html.contains("<code>a|b `c`.h5</code>"))
    #expect(html.contains("<img src=\"../figures/output.png\" alt=\"Clean accuracy"))
  }
}
