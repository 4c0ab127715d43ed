import Backdoor
import Experiment

/// The command that makes a record again.
package struct ReproductionCommand {
  private let record: RunRecord

  package init(_ record: RunRecord) { self.record = record }

  /// One shell command over several lines.
  package var text: String {
    var options = record.training.map { RecipeText(training: $0).options } ?? given
    options.append("--layer \(Self.quoted(record.layer)) --order \(record.order.rawValue) --seed \(record.seed)")
    options.append("--drops \(record.repaired.map { "\($0.drop)" }.joined(separator: ","))")
    if record.excludesTarget { options.append("--exclude-target") }
    return "espalier run " + options.joined(separator: " \\\n  ")
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
  static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:@%".contains($0)) }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }
}
