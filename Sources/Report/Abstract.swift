import Datasets
import Experiment

/// The abstract of a run's report, from its record: what was done, what came out, how sure that is, and what it is not.
struct Abstract {
  let record: RunRecord

  /// What was done.
  var method: String {
    """
    The \(record.channels) channels of \(DefenceText(record: record).layers) of \(Markdown.code(record.model.path)), a \
    network of \(Format.grouped(record.model.identities)) \(record.words.identities), were silenced one at a time, \(order), until clean \
    validation accuracy (\(Format.grouped(record.data.cleanValid?.rows ?? 0)) \(record.words.faces)) had fallen by \
    X = \(Format.list(record.repaired.map { "\($0.drop)" })) points.
    """
  }

  /// What came out, before pruning and where each X stopped.
  var numbers: String {
    let (clean, backdoored) = record.reported
    let reached = record.repaired.filter { $0.channelsPruned != nil }
    func rates(_ split: Split, _ name: String) -> String {
      let before = Format.percent(record.baseline[split])
      guard !reached.isEmpty else { return "\(name) is \(before)" }
      let after = Format.list(reached.map { Format.percent($0.network[split]) })
      return "\(name) goes from \(before) to \(after)"
    }
    let attack = backdoored.map { ", and \(rates($0, "attack success (\($0.title))"))" } ?? ""
    let stops =
      reached.isEmpty
      ? "No X is reached: before pruning "
      : "At the stops, k = \(Format.list(reached.map { "\($0.channelsPruned ?? 0)" })), "
    return stops + rates(clean, "clean accuracy (\(clean.title))") + attack + "."
  }

  /// How sure it is, and what it does not say.
  var certainty: String {
    let (clean, backdoored) = record.reported
    let widths = ([clean] + (backdoored.map { [$0] } ?? [])).map {
      "\(Format.grouped(record.rowsThatCount($0))) \($0.title) \(record.words.faces)"
    }
    let selection = clean == .cleanValid ? " (the clean ones also decided where pruning stops)," : ""
    return """
      These rates are of \(Format.list(widths))\(selection) with exact 95 % intervals in the tables below; they say nothing \
      of other networks, triggers or seeds, which a comparison of several runs examines.
      """
  }

  private var order: String {
    guard record.isPlainPruning else { return "by the defence \(record.defenceName)" }
    return switch record.order {
    case .ascending: "the least active on clean \(record.words.faces) first"
    case .descending: "the most active on clean \(record.words.faces) first"
    case .random: "in a random order"
    case .weightNorm: "those with the smallest weights first"
    }
  }
}
