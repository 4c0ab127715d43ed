import Datasets

extension RunRecord {
  /// How this record stands beside one that was recomputed, item by item.
  ///
  /// - Parameter recomputed: of the same options; splits that it lacks are left out.
  /// - Returns: findings on counts, mean activations, order, curve, and on B', G and detection for each X.
  public func findings(against recomputed: RunRecord) -> [Finding] {
    let comparison = RecordComparison(recorded: self, recomputed: recomputed)
    return [comparison.counts, comparison.meanActivation, comparison.pruneOrder, comparison.curve]
      + zip(repaired, recomputed.repaired).flatMap(comparison.repaired) + comparison.warnings
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

  func repaired(_ own: RunRecord.RepairedNetwork, _ other: RunRecord.RepairedNetwork) -> [Finding] {
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
      .compared("B', X = \(other.drop)", stop(other), differences: network),
      .compared("G, X = \(other.drop)", stop(other), differences: rates("", own.goodNet, other.goodNet)),
      .compared("detection, X = \(other.drop)", stop(other), differences: flagged),
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
