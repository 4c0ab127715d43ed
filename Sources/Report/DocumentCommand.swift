import Experiment

extension ReproductionCommand {
  /// Options of a report, as `text` of a command has them: a published curve, a table style, a template.
  package struct DocumentOptions {
    package var reference: String?
    package var tableStyle = RunReport.TableStyle.markdown
    package var template: String?

    var words: [String] {
      (reference.map { [ReproductionCommand.option("--reference", $0)] } ?? [])
        + (tableStyle == .markdown ? [] : ["--table-style \(tableStyle.rawValue)"])
        + (template.map { [ReproductionCommand.option("--template", $0)] } ?? [])
    }
  }

  /// The command that makes a report again, too.
  package func text(_ document: DocumentOptions) -> String {
    ([text] + document.words).joined(separator: " \\\n  ")
  }

  /// Whether a report's text has the command, with whatever options of a report.
  package func isIn(_ report: String) -> Bool {
    let start = "```sh\n\(text)"
    return report.contains("\(start)\n```")
      || ["reference ", "reference=", "table-style ", "template ", "template="].contains {
        report.contains("\(start) \\\n  --\($0)")
      }
  }
}
