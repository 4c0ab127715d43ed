import Datasets
import Defences
import Files
import NeuralNetwork

/// A defence on one network, from clean validation faces to rates on every split.
///
/// Unless told otherwise it is pruning: Liu, Dolan-Gavitt & Garg, "Fine-pruning: defending against backdooring attacks on deep
/// neural networks", RAID 2018, section 3.1. Deviates: stops at a drop of X points and goes on to the last channel for the
/// curve; no fine-tuning.
public struct PruningStudy: Sendable {
  /// B, never changed.
  public let badNet: BadNet
  /// The requested study.
  public let options: StudyOptions
  /// What is pruned: one layer, or all convolutions, through which channels are then counted.
  public let layers: [PrunableUnit]
  /// (C): mean over clean validation images and positions.
  public let meanActivation: [Double]
  /// What the defence measured, and the order that it gives.
  public let ranked: RankedChannels
  /// The numbers of channels for which there are predictions: 0, 1 … C for one layer.
  public let points: [Int]
  /// Predictions by split, at each point, and then those of each tuned network.
  public let predictions: Splits<SplitPredictions>
  /// k for each X of the options; nil where accuracy never falls that far.
  public let stops: [Int?]
  /// What looks mixed up in the inputs.
  let warnings: InputWarnings
  /// B' by the number of channels, where it was tuned.
  let tuned: [Int: TunedNetwork]
  /// Clean validation images before any sample was drawn.
  let availableRows: Int

  /// A permutation of the channels.
  public var pruneOrder: [Int] { ranked.order }

  /// A tuned network and where its predictions are.
  struct TunedNetwork: Sendable {
    let tuned: Tuned
    let place: Int
  }

  /// How far a study has come.
  public struct Progress: Sendable {
    /// The split being worked on.
    public let split: Split
    /// Images done and images in all, over every split and pass.
    public let done: Int, total: Int
  }

  /// Runs the study.
  ///
  /// Channel order and stopping come from clean validation alone; the other splits are only evaluated, and any of
  /// them may be absent.
  /// - Throws: `InputError`, `NetworkError` or `HDF5Error` where a split does not suit the network.
  public init(
    of badNet: BadNet, on data: Splits<FaceDataset>, options: StudyOptions,
    progress: (Progress) -> Void = { _ in }
  ) throws {
    self = try Self.studies(of: badNet, on: data, options: [options], progress: progress)[0]
  }

  /// Runs several studies that differ in defence, order, seed, sample or X; for those of one layer the network up to it runs
  /// once.
  /// - Parameter options: of one layer, or of all; `excludesTarget` and `threads` are taken from the first.
  /// - Returns: a study for each of the options, each the same as if it had run alone.
  /// - Throws: as `init`.
  public static func studies(
    of badNet: BadNet, on data: Splits<FaceDataset>, options: [StudyOptions], progress: (Progress) -> Void = { _ in }
  ) throws -> [PruningStudy] {
    let options = try options.map { try $0.choosingLayer(of: badNet.network) }
    guard let first = options.first else { return [] }
    guard let validation = data.cleanValid else {
      throw InputError(
        Split.cleanValid.option, found: "not given", expected: "clean validation faces to rank channels by")
    }
    let alone = options.indices.filter { !options[$0].prunesAllLayers(of: badNet.network) }
    if let layer = alone.first.map({ options[$0].layer }),
      let other = alone.first(where: { options[$0].layer != layer })
    {
      throw InputError("--layer", found: "\(layer) and \(options[other].layer)", expected: "one layer")
    }
    let sweep = try alone.first.map {
      try PruningSweep(badNet.network, layer: options[$0].layer, threads: first.threads)
    }
    // A layer that cannot be pruned is told before the work, not after it.
    if let place = alone.first { _ = try badNet.network.pruning([], of: options[place].layer) }
    try badNet.require(data)
    let excluded = first.excludesTarget ? try data.targetRows() : Splits<Set<Int>>()
    let truth = try RecoveryTruth.classes(data)
    let samples = try options.map { try $0.drawnRows(of: validation) }

    let others = Split.allCases.filter { $0 != .cleanValid && data[$0] != nil }
    let otherRows = others.reduce(0) { $0 + (data[$1]?.count ?? 0) }
    let wholes = options.indices.filter { !alone.contains($0) }
    let total =
      (alone.isEmpty ? 0 : validation.count)
      + alone.reduce(0) { $0 + samples[$1].count + otherRows }
      + wholes.reduce(0) { $0 + WholeNetworkStudy.mostPoints * (samples[$1].count + otherRows) }
    var done = 0
    func report(_ split: Split, _ rows: Int) {
      done = min(total, done + rows)
      progress(Progress(split: split, done: done, total: total))
    }

    var prints = Splits<[UInt64]>()
    var finite = FiniteCheck(badNet.network, threads: first.threads)
    func look(at images: Tensor, of split: Split) throws {
      let (row, name) = (prints[split]?.count ?? 0, data[split]?.name ?? "")
      let look = ImageLook(images, threads: first.threads)
      try finite.check(images, largest: look.largest) { "\(name): row \(row + $0)" }
      prints[split, default: []] += look.prints
    }

    var found = [StudyFindings?](repeating: nil, count: options.count)
    if let sweep {
      let study = LayerStudies(
        badNet: badNet, data: data, validation: validation, options: alone.map { options[$0] },
        samples: alone.map { samples[$0] }, sweep: sweep)
      for (place, findings) in zip(alone, try study.run(report, look)) { found[place] = findings }
    }
    if alone.isEmpty {
      for split in Split.allCases {
        try data[split]?.forEachBatch(rows: 512, prepared: badNet.preparation, threads: first.threads) {
          try look(at: $0, of: split)
        }
      }
    }
    for place in wholes {
      let study = WholeNetworkStudy(
        badNet: badNet, data: data, validation: validation, options: options[place], sample: samples[place])
      found[place] = try study.run(report)
    }
    return try options.indices.compactMap { place in
      try found[place].map { findings in
        let predictions = data.map { split, faces in
          SplitPredictions(
            labels: split == .cleanValid ? samples[place].map { faces.labels[$0] } : faces.labels,
            classes: findings.classes[split] ?? [], excluded: excluded[split] ?? [], truth: truth[split])
        }
        var seen = prints
        seen.cleanValid = prints.cleanValid.map { all in samples[place].map { all[$0] } }
        let warnings = try InputWarnings(
          badNet, on: data, predictions, prints: seen, selects: true, excludesTarget: first.excludesTarget,
          threads: first.threads)
        return try PruningStudy(
          badNet: badNet, options: options[place], findings, predictions: predictions, data: data,
          availableRows: validation.count, warnings: warnings)
      }
    }
  }

  private init(
    badNet: BadNet, options: StudyOptions, _ found: StudyFindings, predictions: Splits<SplitPredictions>,
    data: Splits<FaceDataset>, availableRows: Int, warnings: InputWarnings
  ) throws {
    self.warnings = warnings
    self.badNet = badNet
    self.options = options
    (layers, meanActivation, ranked, points) = (found.layers, found.meanActivation, found.ranked, found.points)
    self.availableRows = availableRows
    let points = found.points
    let rates = points.indices.compactMap { predictions.cleanValid?.rate(after: $0) }
    stops = options.drops.map { drop in
      rates.firstIndex { drop.isReached(hits: $0.hits, baseline: rates[0].hits, total: $0.total) }.map { points[$0] }
    }
    var (predictions, tuned) = (predictions, [Int: TunedNetwork]())
    if let tuning = options.defence.parts.tuning, let subject = found.subject {
      for stop in Set(stops.compactMap(\.self) + [found.ranked.ownStop].compactMap(\.self)).sorted() {
        let silenced = Array(found.ranked.order.prefix(stop))
        let result = try tuning.tune(
          badNet.network.pruning(silenced, through: found.layers), silenced: silenced, subject)
        tuned[stop] = TunedNetwork(tuned: result, place: points.count + tuned.count)
        let pass = ForwardPass(result.network, threads: options.threads)
        for split in Split.allCases where data[split] != nil {
          predictions[split]?.classes.append(
            split == .cleanValid
              ? try pass.classes(of: subject.images)
              : try data[split].map { try pass.classes(of: $0, badNet.preparation) } ?? [])
        }
      }
    }
    (self.predictions, self.tuned) = (predictions, tuned)
  }

  /// Where the predictions are of B' after `stop` channels, tuned where it is.
  func place(of stop: Int) -> Int { tuned[stop]?.place ?? points.firstIndex(of: stop) ?? 0 }

  /// B' for each X: a copy of the network with the first k channels of the order silenced, and tuned where the defence does
  /// that; nil where there is no k.
  /// - Throws: `NetworkError` where channels cannot be silenced by zeroing weights.
  public func repairedNetworks() throws -> [Network?] { try stops.map { try $0.map(repairedNetwork) } }

  /// B' where the defence's own threshold stops; nil for a defence without one.
  public func ownNetwork() throws -> Network? { try ranked.ownStop.map(repairedNetwork) }

  private func repairedNetwork(after stop: Int) throws -> Network {
    if let tuned = tuned[stop] { return tuned.tuned.network }
    return try badNet.network.pruning(pruneOrder.prefix(stop), through: layers)
  }
}

extension StudyOptions {
  /// The same options with the name of the layer that the network says, where none was given.
  /// - Throws: `InputError` where the network has none.
  public func choosingLayer(of network: Network) throws -> StudyOptions {
    guard choosesLayer else { return self }
    if defence.defence.scope == .allLayers { return choosingAllLayers }
    guard let index = network.defaultPrunedLayer else {
      throw InputError(
        "--layer", found: "not given", expected: "a layer's name, as the network has none with maps that can be pruned")
    }
    var options = self
    (options.layer, options.choosesLayer) = (network.nodes[index].name, false)
    return options
  }

  /// What `layer` is where every convolution is pruned, unless a layer has that name.
  public static let allLayers = "all"

  /// The same with all layers where the defence ranks those and no layer was named; another choice is the network's.
  package var choosingAllLayers: StudyOptions {
    guard choosesLayer, defence.defence.scope == .allLayers else { return self }
    var options = self
    (options.layer, options.choosesLayer) = (Self.allLayers, false)
    return options
  }

  /// Whether every convolution is ranked, and not one layer.
  func prunesAllLayers(of network: Network) -> Bool {
    layer == Self.allLayers && !network.nodes.contains { $0.name == layer }
  }

  /// The clean validation rows that the study looks at, in ascending order.
  /// - Throws: `InputError` for a sample that is empty or larger than the file.
  fileprivate func drawnRows(of validation: FaceDataset) throws -> [Int] {
    guard let validationSample else { return Array(0..<validation.count) }
    guard (1...validation.count).contains(validationSample) else {
      throw InputError(
        "--validation-sample", found: "\(validationSample)",
        expected: "1...\(validation.count), the rows of \(validation.name)")
    }
    var generator = SeededGenerator(seed: seed, stream: [0x5A_3B_1E])
    return generator.sample(validationSample, below: validation.count)
  }
}

extension [Int] {
  /// Which of these rows, in ascending order, are in a batch, counted from its start.
  fileprivate func rows(ofBatch batch: Int, size: Int) -> [Int] {
    filter { $0 / size == batch }.map { $0 % size }
  }
}

extension BadNet {
  /// - Throws: `InputError` where a split's images or labels do not suit the network.
  func require(_ data: Splits<FaceDataset>) throws {
    for split in Split.allCases {
      try data[split]?.require(imageShape: network.inputShape, classes: network.classes)
    }
  }
}

extension Splits<FaceDataset> {
  /// The backdoored rows whose true identity is the target, told by the clean file of the same row order.
  /// - Throws: `InputError` where a backdoored split has no clean one of as many rows.
  func targetRows() throws -> Splits<Set<Int>> {
    var rows = Splits<Set<Int>>()
    for (backdoored, clean) in [(Split.backdooredValid, Split.cleanValid), (.backdooredTest, .cleanTest)] {
      guard let faces = self[backdoored] else { continue }
      guard let originals = self[clean], originals.count == faces.count else {
        throw InputError(
          "--exclude-target",
          found: "\(faces.count) \(backdoored.title) rows and \(self[clean]?.count ?? 0) \(clean.title) rows",
          expected: "a clean file with the same faces in the same order")
      }
      rows[backdoored] = Set(faces.labels.indices.filter { faces.labels[$0] == originals.labels[$0] })
    }
    return rows
  }
}
