/// What became of one thing that a run left when it was looked at again.
public struct Finding: Codable, Equatable, Sendable {
  /// How it stands.
  public enum Verdict: String, Codable, Sendable {
    /// What was recorded is what was found.
    case same
    /// It is not, or it is gone.
    case different
    /// It could not be compared, or was not requested.
    case notChecked
  }

  /// How it stands.
  public let verdict: Verdict
  /// What it is: `curve`, `report`.
  public let item: String
  /// Which one where it is the same; why where it was not checked; the first difference where there is one.
  public let text: String
  /// Every difference, in order; empty unless the verdict is `different`.
  public let differences: [String]

  /// A thing that is the same.
  public static func same(_ item: String, _ text: String) -> Finding {
    Finding(verdict: .same, item: item, text: text, differences: [])
  }

  /// A thing that was not compared.
  public static func notChecked(_ item: String, _ reason: String) -> Finding {
    Finding(verdict: .notChecked, item: item, text: reason, differences: [])
  }

  /// A thing with these differences, or one that is the same where there are none.
  public static func compared(_ item: String, _ text: String, differences: [String]) -> Finding {
    guard let first = differences.first else { return same(item, text) }
    return Finding(verdict: .different, item: item, text: first, differences: differences)
  }

  /// The same finding of a thing that was compared with a record that was not recomputed: one that is the same is not
  /// checked, for both may have been forged together.
  package var besideTheRecord: Finding {
    verdict == .same ? .notChecked(item, "\(text): as in the record, which was not recomputed") : self
  }
}
