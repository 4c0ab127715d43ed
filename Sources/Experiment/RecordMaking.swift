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
    let ending = training == nil ? RunFolder.modelEnding(of: model.path) : "h5"
    var record = RunRecord(
      seed: options.seed, model: model, data: data, layer: options.layer, order: options.order,
      excludesTarget: options.excludesTarget, validationSample: sample, channels: pruneOrder.count,
      meanActivation: meanActivation, pruneOrder: pruneOrder, curve: curve,
      repaired: zip(options.drops, stops).map { repaired(drop: $0, stop: $1, name: "repaired-\($0).\(ending)") },
      training: training)
    let texts = warnings.texts(trained: training?.recipe)
    record.warnings = texts.isEmpty ? nil : texts
    addDefence(to: &record, ending: ending)
    return record
  }

  /// What the record says of the defence.
  private func addDefence(to record: inout RunRecord, ending: String) {
    let choice = options.defence
    record.defence = choice.defence.name
    record.recoveryAccuracy = RunRecord.BackdooredSplits { predictions[$0]?.recoveryRate(after: 0) }.ifAny
    if options.prunesAllLayers(of: badNet.network) {
      record.layers = layers.map { RunRecord.RankedLayer(name: $0.name, channels: $0.channels) }
    }
    guard choice != .pruning else { return }
    record.defenceOptions = choice.values.values.isEmpty ? nil : choice.values.values
    record.scores = ranked.scores
    let tuning = tuned.values.first?.tuned.history
    record.cleanImages = RunRecord.CleanImageCounts(
      ranking: ranked.images, stopping: predictions.cleanValid?.labels.count ?? 0, tuning: tuning?.tuningImages,
      tuningStop: tuning?.stoppingImages)
    if let stop = ranked.ownStop {
      let name = "\(RunRecord.OwnNetwork.fileName).\(ending)"
      record.own = RunRecord.OwnNetwork(repaired(drop: .none, stop: stop, name: name), channelsPruned: stop)
    }
  }

  /// The rates after every number of channels, or those that were looked at.
  public var curve: [CurvePoint] {
    points.enumerated().map { place, pruned in
      CurvePoint(
        channelsPruned: pruned, channel: pruned == 0 ? nil : pruneOrder[pruned - 1],
        rates: predictions.map { $1.rate(after: place) })
    }
  }

  private func repaired(drop: Drop, stop: Int?, name: String) -> RunRecord.RepairedNetwork {
    let place = stop.map(place(of:))
    func rates<Value>(_ value: (SplitPredictions, Int) -> Value) -> Splits<Value> {
      place.map { place in predictions.map { value($1, place) } } ?? Splits()
    }
    let flagged = rates { $0.flaggedRate(after: $1) }
    var repaired = RunRecord.RepairedNetwork(
      drop: drop, channelsPruned: stop, prunedChannels: Array(pruneOrder.prefix(stop ?? 0)),
      model: stop.map { _ in name },
      network: rates { $0.rate(after: $1) }, goodNet: rates { $0.goodNetRate(after: $1) },
      detection: RunRecord.Detection(truePositives: flagged.backdooredTest, falsePositives: flagged.cleanTest),
      detectionValid: RunRecord.Detection(truePositives: flagged.backdooredValid, falsePositives: flagged.cleanValid),
      discordant: rates { $0.discordance(after: $1) })
    guard let stop, let place else { return repaired }
    let network = RunRecord.BackdooredSplits { predictions[$0]?.recoveryRate(after: place) }
    let goodNet = RunRecord.BackdooredSplits { predictions[$0]?.goodNetRecoveryRate(after: place) }
    repaired.recoveryAccuracy = network.ifAny.map { RunRecord.Recovery(repaired: $0, goodNet: goodNet) }
    let before = predictions.map { $1.rate(after: 0) }
    repaired.defenceEffectiveness = RunRecord.Effectiveness(
      before: before, network: repaired.network, goodNet: repaired.goodNet)
    repaired.tuning = tuned[stop]?.tuned.history
    return repaired
  }
}

extension RunRecord {
  /// The record with the command that makes it again, once it is whole.
  package var withProvenance: RunRecord {
    var record = self
    record.provenance = Provenance(command: ReproductionCommand(self).text, version: RunEnvironment.version)
    return record
  }
}

extension RunRecord.Effectiveness {
  /// nil where no split has both clean and backdoored images.
  init?(before: Splits<Rate>, network: Splits<Rate>, goodNet: Splits<Rate>) {
    func rating(_ after: Splits<Rate>) -> RunRecord.BackdooredSplits<Double> {
      RunRecord.BackdooredSplits { backdoored in
        guard let clean = Split.pairs.first(where: { $0.backdoored == backdoored })?.clean,
          let attack = before[backdoored]?.fraction, let attackAfter = after[backdoored]?.fraction,
          let accuracy = before[clean]?.fraction, let accuracyAfter = after[clean]?.fraction
        else { return nil }
        let fall = (attack: max(0, attack - attackAfter), accuracy: max(0, accuracy - accuracyAfter))
        return (fall.attack - fall.accuracy + 1) / 2
      }
    }
    guard let network = rating(network).ifAny else { return nil }
    (self.repaired, self.goodNet) = (network, rating(goodNet))
  }
}
