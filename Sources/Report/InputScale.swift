import Experiment

/// The scale of pixels as people write it.
public enum InputScale {
  /// `1`, `1/255`, or the shortest decimal number that is this scale.
  public static func text(_ scale: Double) -> String { ScaleText.of(scale) }

  /// The scale with what follows it, as a sentence goes on behind "multiplied by".
  static func text(_ model: RunRecord.ModelSource) -> String {
    func list(_ numbers: [Double]) -> String { Format.list(numbers.map { "\($0)" }) }
    var text = text(model.inputScale)
    if let mean = model.mean { text += ", less \(list(mean))" }
    if let std = model.std { text += ", divided by \(list(std))" }
    if max(model.mean?.count ?? 0, model.std?.count ?? 0) > 1 { text += " by colour" }
    return text
  }

  /// Reads `1`, `0.5` or `1/255`; nil for anything else, and for what is not positive and finite.
  public static func value(_ text: String) -> Double? {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
    guard (1...2).contains(numbers.count), numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let scale = numbers.count == 1 ? numbers[0] : numbers[0] / numbers[1]
    return scale.isFinite && scale > 0 ? scale : nil
  }
}
