import Attacks
import Datasets
import Defences

extension PruningStudy {
  /// The record of this study.
  ///
  /// - Parameters:
  ///   - model: where the network came from.
  ///   - data: where the faces came from, by split.
  ///   - training: how the network was trained, where it was trained here.
  public func record(
    model: RunRecord.ModelSource, data: Splits<RunRecord.DataSource>, training: TrainingRecord? = nil
  ) -> RunRecord {
    var data = data
    var sample: RunRecord.ValidationSample?
    if let rows = options.validationSample {
      data.cleanValid?.rows = rows
      sample = RunRecord.ValidationSample(rows: rows, available: availableRows)
    }
    var record = RunRecord(
      seed: options.seed, model: model, data: data, layer: options.layer, order: options.order,
      excludesTarget: options.excludesTarget, validationSample: sample, channels: pruneOrder.count,
      meanActivation: meanActivation, pruneOrder: pruneOrder, curve: curve,
      repaired: zip(options.drops, stops).map {
        repaired(drop: $0, stop: $1, ending: training == nil ? RunFolder.modelEnding(of: model.path) : "h5")
      }, training: training)
    let texts = warnings.texts(trained: training?.recipe)
    record.warnings = texts.isEmpty ? nil : texts
    return record
  }

  /// The rates after every number of channels.
  public var curve: [CurvePoint] {
    (0...pruneOrder.count).map { pruned in
      CurvePoint(
        channelsPruned: pruned, channel: pruned == 0 ? nil : pruneOrder[pruned - 1],
        rates: predictions.map { $1.rate(after: pruned) })
    }
  }

  private func repaired(drop: Drop, stop: Int?, ending: String) -> RunRecord.RepairedNetwork {
    func rates<Value>(_ value: (SplitPredictions, Int) -> Value) -> Splits<Value> {
      stop.map { stop in predictions.map { value($1, stop) } } ?? Splits()
    }
    let flagged = rates { $0.flaggedRate(after: $1) }
    return RunRecord.RepairedNetwork(
      drop: drop, channelsPruned: stop, prunedChannels: Array(pruneOrder.prefix(stop ?? 0)),
      model: stop.map { _ in "repaired-\(drop).\(ending)" },
      network: rates { $0.rate(after: $1) }, goodNet: rates { $0.goodNetRate(after: $1) },
      detection: RunRecord.Detection(truePositives: flagged.backdooredTest, falsePositives: flagged.cleanTest),
      detectionValid: RunRecord.Detection(truePositives: flagged.backdooredValid, falsePositives: flagged.cleanValid),
      discordant: rates { $0.discordance(after: $1) })
  }
}
