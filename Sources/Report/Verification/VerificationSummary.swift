import Experiment
import Files

/// The answer of a verification, for people and as JSON.
public struct VerificationSummary: Encodable, Sendable {
  /// The run as it was given.
  public let run: String
  /// Item by item.
  public let findings: [Finding]
  /// How many items have each verdict.
  public let same: Int, different: Int, notChecked: Int

  /// Counts the findings of a run.
  public init(run: String, findings: [Finding]) {
    self.run = run
    self.findings = findings
    same = findings.count { $0.verdict == .same }
    different = findings.count { $0.verdict == .different }
    notChecked = findings.count { $0.verdict == .notChecked }
  }

  /// A line an item, and one that sums up; without a final line break.
  public var text: String {
    let width = findings.map { VisibleText.line($0.item).count }.max() ?? 0
    let lines = findings.map { finding -> String in
      let more = finding.differences.count - 1
      let rest = more > 0 ? " (and \(Format.count(more, "more difference")))" : ""
      let (item, text) = (VisibleText.line(finding.item), VisibleText.line(finding.text))
      return "\(padded(word(finding.verdict), 11))  \(padded(item, width))  \(text)\(rest)"
    }
    let counts = "\(Format.count(same, "item")) the same, \(different) different, \(notChecked) not checked"
    let rest = notChecked == 0 ? "" : ": this run is verified in part only"
    return (lines + ["\(VisibleText.line(run)): \(counts)\(rest)"]).joined(separator: "\n")
  }

  private func word(_ verdict: Finding.Verdict) -> String {
    switch verdict {
    case .same: "same"
    case .different: "DIFFERENT"
    case .notChecked: "not checked"
    }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
