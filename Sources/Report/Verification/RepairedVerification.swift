import Experiment
import Files

/// The examination of somebody's repaired network, for people and as JSON.
public struct RepairedVerification: Encodable, Sendable {
  /// B and B' as they were given.
  public let model: String, repaired: String
  /// What was done to B.
  public let examination: RepairedExamination
  /// How the channels were chosen; nil without clean validation faces.
  public let selection: RepairedSelection?
  /// What B, B' and G do on the faces that were given; empty without any.
  public let networks: [Evaluation.NetworkRates]

  /// The parts of one examination.
  public init(
    model: String, repaired: String, examination: RepairedExamination, selection: RepairedSelection?,
    networks: [Evaluation.NetworkRates]
  ) {
    self.model = model
    self.repaired = repaired
    self.examination = examination
    self.selection = selection
    self.networks = networks
  }

  /// Several lines, the last of which sums up; without a final line break.
  public var text: String {
    var entries = [
      ("B", "\(model), \(examination.layers) layers, \(Format.grouped(examination.parameters)) parameters"),
      ("B'", repaired),
      (
        "pruned layer",
        examination.isSilencedAtReaders
          ? "\(examination.layer), whose \(examination.channels) channels are silenced where they are read"
          : "\(examination.layer), whose \(examination.channels) channels \(examination.source) makes"
      ),
      ("silenced", list(examination.silenced)), ("silent in B too", list(examination.alreadySilent)),
    ]
    entries += examination.halfSilenced.map { ("half silenced", sentence($0)) }
    entries += examination.differences.map { ("differs", "\($0)") }
    if examination.isPruningAlone { entries.append(("other weights", "the same")) }
    if let selection {
      entries.append(("order", sentence(selection.prefix)))
      entries += selection.drops.map { ("X = \($0.drop)", sentence($0, selection)) }
    }
    let width = entries.map(\.0.count).max() ?? 0
    let lines = entries.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + VisibleText.line($0.1) }
    return (lines + networks.flatMap { EvaluationText.lines(of: $0, isNamed: true) } + [VisibleText.line(summary)])
      .joined(separator: "\n")
  }

  private var summary: String {
    let count = examination.silenced.count
    let silenced = "\(Format.count(count, "silenced channel")) of \(examination.source)"
    if examination.isPruningAlone { return count == 0 ? "B' is B" : "B' is B but for \(silenced)" }
    return count == 0
      ? "B' differs from B, and not by silenced channels of \(examination.source)"
      : "B' differs from B by \(silenced), and by more"
  }

  private func list(_ channels: [Int]) -> String {
    channels.isEmpty
      ? "none"
      : "\(Format.count(channels.count, "channel")): \(channels.map(String.init).joined(separator: ", "))"
  }

  private func sentence(_ half: RepairedExamination.HalfSilenced) -> String {
    let bias = Format.general(half.bias)
    let answer = half.answersZero ? "it answers 0 all the same" : "it answers that for every face"
    return "channel \(half.channel): its weights are 0, its bias is \(bias); \(answer)"
  }

  private func sentence(_ prefix: RepairedSelection.Prefix?) -> String {
    guard let prefix else {
      return "the silenced channels are not the first of the ascending, the weight-norm or the descending order"
    }
    let rest =
      prefix.least == prefix.most
      ? "" : " (and of up to \(prefix.most), since the next are silent in B too)"
    return "the first \(prefix.least) in \(prefix.order.rawValue) order\(rest)"
  }

  private func sentence(_ found: RepairedSelection.DropFound, _ selection: RepairedSelection) -> String {
    let (before, after) = (selection.baseline, selection.repaired)
    let fall = "\(before.hits) of \(before.total) fell to \(after.hits)"
    let order = (selection.prefix?.order ?? .ascending).rawValue
    let first = found.firstStop.map { "the first k in \(order) order is \($0)" } ?? "no k in \(order) order does"
    if found.isFirst { return "satisfied (\(fall)), and \(first): this is its B'" }
    return "\(found.isSatisfied ? "satisfied" : "not satisfied") (\(fall)); \(first)"
  }
}
