import Datasets
import Defences

extension RunRecord {
  /// How this record stands beside one that was recomputed, item by item.
  ///
  /// - Parameter recomputed: of the same options; splits that it lacks are left out.
  /// - Returns: findings on counts, mean activations, order, curve, and on B', G and detection for each X.
  public func findings(against recomputed: RunRecord) -> [Finding] {
    let comparison = RecordComparison(recorded: self, recomputed: recomputed)
    return [comparison.counts, comparison.meanActivation, comparison.pruneOrder, comparison.curve]
      + zip(repaired, recomputed.repaired).flatMap { comparison.repaired($0, $1, name: "X = \($1.drop)") }
      + comparison.warnings + comparison.defence + comparison.provenance
  }
}

/// A record beside the same study recomputed.
private struct RecordComparison {
  let recorded: RunRecord
  let recomputed: RunRecord

  /// How far a mean activation may be off and still be the same, as a fraction of it: sums of floats by another processor's
  /// instructions differ by about a millionth.
  private static let tolerance = 1e-5

  private var splits: [Split] { Split.allCases.filter { recomputed.data[$0] != nil } }
  private var splitCount: String { splits.count == 1 ? "1 split" : "\(splits.count) splits" }

  var counts: Finding {
    var differences = difference("identities", recorded.model.identities, recomputed.model.identities)
    differences += difference("parameters", recorded.model.parameters, recomputed.model.parameters)
    differences += difference("channels", recorded.channels, recomputed.channels)
    for split in splits {
      differences += difference("\(split.title) rows", recorded.data[split]?.rows, recomputed.data[split]?.rows)
    }
    differences += difference(
      "clean validation rows before the sample", recorded.validationSample?.available,
      recomputed.validationSample?.available)
    for split in splits {
      differences += rate(
        "recovery, \(split.title)", recorded.recoveryAccuracy?[split], recomputed.recoveryAccuracy?[split])
    }
    let text = "\(recomputed.model.identities) identities, \(recomputed.channels) channels, rows of \(splitCount)"
    return .compared("counts", text, differences: differences)
  }

  /// None where neither record has any.
  var warnings: [Finding] {
    let (own, other) = (recorded.warnings ?? [], recomputed.warnings ?? [])
    guard splits.count == Split.allCases.count(where: { recorded.data[$0] != nil }) else {
      return own.isEmpty ? [] : [.notChecked("warnings", "not recomputed, without every split of the record")]
    }
    guard !own.isEmpty || !other.isEmpty else { return [] }
    func text(_ texts: [String], _ index: Int) -> String { index < texts.count ? "'\(texts[index])'" : "none" }
    let differences = (0..<max(own.count, other.count)).flatMap {
      difference("warning \($0 + 1)", text(own, $0), text(other, $0))
    }
    return [.compared("warnings", "\(other.count) of the inputs", differences: differences)]
  }

  /// None where the record has no command. The version is that of the program that made it, and says nothing of this one.
  var provenance: [Finding] {
    guard let provenance = recorded.provenance else { return [] }
    let differences = difference("command", provenance.command, ReproductionCommand(recorded).text)
    return [
      .compared("provenance", "the command of this record, by version \(provenance.version)", differences: differences)
    ]
  }

  var meanActivation: Finding {
    let pairs = zip(recorded.meanActivation, recomputed.meanActivation)
    let differences = pairs.enumerated().flatMap { channel, pair in
      abs(pair.0 - pair.1) <= Self.tolerance * abs(pair.1)
        ? [] : difference("channel \(channel)", pair.0, pair.1)
    }
    let exact = recorded.meanActivation == recomputed.meanActivation
    let text = exact ? "" : ", to a hundred-thousandth of each but not to the last digit"
    return .compared("mean activation", "\(recomputed.channels) channels\(text)", differences: differences)
  }

  var pruneOrder: Finding {
    let differences = zip(recorded.pruneOrder, recomputed.pruneOrder).enumerated().flatMap { place, pair in
      difference("k = \(place + 1)", "channel \(pair.0)", pair.0 == pair.1 ? "channel \(pair.1)" : "\(pair.1)")
    }
    return .compared(
      "prune order", "\(recomputed.channels) channels, \(recorded.order.rawValue)", differences: differences)
  }

  var curve: Finding {
    let differences = zip(recorded.curve, recomputed.curve).flatMap { own, other in
      rates("k = \(own.channelsPruned), ", own.rates, other.rates)
    }
    return .compared("curve", "\(recomputed.curve.count) points on \(splitCount)", differences: differences)
  }

  /// The defence's own numbers; nothing for a record that has none.
  var defence: [Finding] {
    // Of plain pruning, `counts` has the one number beside those of the curve.
    guard !(recorded.isPlainPruning && recomputed.isPlainPruning) || recorded.own != nil || recorded.scores != nil
    else {
      return []
    }
    var differences = difference("defence", recorded.defenceName, recomputed.defenceName)
    differences += difference("settings", text(recorded.defenceOptions), text(recomputed.defenceOptions))
    differences += difference("layers", text(recorded.layers), text(recomputed.layers))
    differences += difference("scores", recorded.scores?.count, recomputed.scores?.count)
    for (channel, pair) in zip(recorded.scores ?? [], recomputed.scores ?? []).enumerated()
    where abs(pair.0 - pair.1) > Self.tolerance * abs(pair.1) {
      differences += difference("score of channel \(channel)", pair.0, pair.1)
    }
    if recorded.cleanImages != recomputed.cleanImages {
      differences.append("clean images: others recorded than recomputed")
    }
    differences += difference("own stop", recorded.own?.channelsPruned, recomputed.own?.channelsPruned)
    let settings = text(recorded.defenceOptions)
    let name = recomputed.defenceName + (settings == "none" ? "" : ", \(settings)")
    return [.compared("defence", name, differences: differences)]
      + (recorded.own.flatMap { own in
        recomputed.own.map { repaired(own.asRepaired, $0.asRepaired, name: "own stop") }
      } ?? [])
  }

  private func text(_ settings: [String: Double]?) -> String {
    settings.map { DefenceValues(values: $0).text } ?? "none"
  }

  private func text(_ layers: [RunRecord.RankedLayer]?) -> String {
    layers.map { $0.map { "\($0.name) (\($0.channels))" }.joined(separator: ", ") } ?? "one"
  }

  private func rate(_ place: String, _ own: Rate?, _ other: Rate?) -> [String] {
    func text(_ rate: Rate?) -> String { rate.map { "\($0.hits) of \($0.total)" } ?? "none" }
    // A clean file that is gone now cannot tell.
    return other == nil ? [] : difference(place, text(own), text(other))
  }

  func repaired(
    _ own: RunRecord.RepairedNetwork, _ other: RunRecord.RepairedNetwork, name: String
  ) -> [Finding] {
    func stop(_ network: RunRecord.RepairedNetwork) -> String {
      network.channelsPruned.map { "k = \($0)" } ?? "never reached"
    }
    var network = difference("pruning", stop(own), stop(other))
    network += difference("channels", list(own.prunedChannels), list(other.prunedChannels))
    network += difference("file", own.model ?? "none", other.model ?? "none")
    network += rates("", own.network, other.network)
    for split in splits {
      let (first, second) = (own.discordant[split], other.discordant[split])
      network += difference("\(split.title), rows that only B has right", first?.onlyOriginal, second?.onlyOriginal)
      network += difference("\(split.title), rows that only B' has right", first?.onlyRepaired, second?.onlyRepaired)
    }
    for split in splits {
      let (first, second) = (own.recoveryAccuracy, other.recoveryAccuracy)
      network += rate("recovery, \(split.title)", first?.repaired[split], second?.repaired[split])
      network += rate("recovery of G, \(split.title)", first?.goodNet[split], second?.goodNet[split])
      if let rating = other.defenceEffectiveness?.repaired[split] {
        network += difference("rating, \(split.title)", own.defenceEffectiveness?.repaired[split] ?? -1, rating)
      }
      if let rating = other.defenceEffectiveness?.goodNet[split] {
        network += difference("rating of G, \(split.title)", own.defenceEffectiveness?.goodNet[split] ?? -1, rating)
      }
    }
    if own.tuning != other.tuning { network.append("tuning: another course recorded than recomputed") }
    let (test, valid) = (own.detection, own.detectionValid)
    let flagged = rates(
      "flagged of ",
      Splits(
        cleanValid: valid.falsePositives, cleanTest: test.falsePositives, backdooredValid: valid.truePositives,
        backdooredTest: test.truePositives),
      Splits(
        cleanValid: other.detectionValid.falsePositives, cleanTest: other.detection.falsePositives,
        backdooredValid: other.detectionValid.truePositives, backdooredTest: other.detection.truePositives))
    return [
      .compared("B', \(name)", stop(other), differences: network),
      .compared("G, \(name)", stop(other), differences: rates("", own.goodNet, other.goodNet)),
      .compared("detection, \(name)", stop(other), differences: flagged),
    ]
  }

  private func rates(_ place: String, _ own: Splits<Rate>, _ other: Splits<Rate>) -> [String] {
    splits.flatMap { split -> [String] in
      let (first, second) = (own[split], other[split])
      func text(_ rate: Rate?) -> String { rate.map { "\($0.hits) of \($0.total)" } ?? "none" }
      let short = first != nil && first?.total == second?.total ? second.map { "\($0.hits)" } : nil
      return first == second
        ? [] : ["\(place)\(split.title): \(text(first)) recorded, \(short ?? text(second)) recomputed"]
    }
  }

  private func list(_ channels: [Int]) -> String { channels.map(String.init).joined(separator: ",") }

  private func difference<Value: Equatable>(_ place: String, _ own: Value, _ other: Value) -> [String] {
    own == other ? [] : ["\(place): \(own) recorded, \(other) recomputed"]
  }

  private func difference(_ place: String, _ own: Int?, _ other: Int?) -> [String] {
    func text(_ number: Int?) -> String { number.map { "\($0)" } ?? "none" }
    return difference(place, text(own), text(other))
  }
}
