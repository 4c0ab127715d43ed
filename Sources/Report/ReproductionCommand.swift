import Backdoor
import Experiment

/// The command that makes a record again.
struct ReproductionCommand {
  private let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  /// One shell command over several lines.
  var text: String {
    var options = ["--model \(quoted(record.model.path)) --input-scale \(InputScale.text(record.model.inputScale))"]
    for split in Split.allCases {
      if let source = record.data[split] { options.append("\(split.option) \(quoted(source.path))") }
    }
    options.append("--layer \(quoted(record.layer)) --order \(record.order.rawValue) --seed \(record.seed)")
    options.append("--drops \(record.repaired.map { "\($0.drop)" }.joined(separator: ","))")
    if record.excludesTarget { options.append("--exclude-target") }
    return "espalier run " + options.joined(separator: " \\\n  ")
  }

  /// A word as a shell reads it back.
  private func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:@%".contains($0)) }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }
}

/// The scale of pixels as people write it.
public enum InputScale {
  /// `1`, `1/255`, or the shortest decimal number.
  public static func text(_ scale: Double) -> String {
    let inverse = (1 / scale).rounded()
    if scale == scale.rounded(), abs(scale) < 1e15 { return "\(Int(scale))" }
    return inverse > 1 && inverse < 1e9 && 1 / inverse == scale ? "1/\(Int(inverse))" : "\(scale)"
  }

  /// Reads `1`, `0.5` or `1/255`; nil for anything else, and for what is not positive and finite.
  public static func value(_ text: String) -> Double? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    let scale =
      parts.count == 1 ? parts[0] : parts.count == 2 ? parts[0].flatMap { top in parts[1].map { top / $0 } } : nil
    guard let scale, scale.isFinite, scale > 0 else { return nil }
    return scale
  }
}
