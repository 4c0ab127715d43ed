import Datasets
import Experiment

/// The command that makes a record again.
package struct ReproductionCommand {
  private let record: RunRecord

  package init(_ record: RunRecord) { self.record = record }

  /// One shell command over several lines.
  package var text: String { text("espalier run", choice: "--order \(record.order.rawValue) --seed \(record.seed)") }

  /// Options of a report, as `text` of a command has them: a published curve, a table style, a template.
  package struct DocumentOptions {
    package var reference: String?
    package var tableStyle = RunReport.TableStyle.markdown
    package var template: String?

    var words: [String] {
      (reference.map { ["--reference \(ReproductionCommand.quoted($0))"] } ?? [])
        + (tableStyle == .markdown ? [] : ["--table-style \(tableStyle.rawValue)"])
        + (template.map { ["--template \(ReproductionCommand.quoted($0))"] } ?? [])
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
      || ["reference", "table-style", "template"].contains { report.contains("\(start) \\\n  --\($0) ") }
  }

  /// The same for another command, with options of its own in place of order and seed.
  package func text(_ command: String, choice: String) -> String {
    var options = record.training.map { RecipeText(training: $0).options } ?? given
    options.append("--layer \(Self.quoted(record.layer)) \(choice)")
    options.append("--drops \(record.repaired.map { "\($0.drop)" }.joined(separator: ","))")
    if let sample = record.validationSample { options.append("--validation-sample \(sample.rows)") }
    if record.excludesTarget { options.append("--exclude-target") }
    return "\(command) " + options.joined(separator: " \\\n  ")
  }

  private var given: [String] {
    var options = [
      "--model \(Self.quoted(record.model.path)) --input-scale \(InputScale.text(record.model.inputScale))"
    ]
    for split in Split.allCases {
      if let source = record.data[split] { options.append("\(split.option) \(Self.quoted(source.path))") }
    }
    return options
  }

  /// A word as a shell reads it back.
  package static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:@%".contains($0)) }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }
}
