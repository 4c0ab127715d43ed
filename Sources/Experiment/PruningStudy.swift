import Datasets
import Files
import NeuralNetwork

/// The pruning defence on one network, from clean validation faces to rates on every split.
///
/// Liu, Dolan-Gavitt & Garg, "Fine-pruning: defending against backdooring attacks on deep neural networks", RAID 2018,
/// section 3.1. Deviates: stops at a drop of X points and goes on to the last channel for the curve; no fine-tuning.
public struct PruningStudy: Sendable {
  /// B, never changed.
  public let badNet: BadNet
  /// What was asked for.
  public let options: StudyOptions
  /// (C): mean over clean validation images and positions.
  public let meanActivation: [Double]
  /// A permutation of the layer's channels.
  public let pruneOrder: [Int]
  /// Predictions by split.
  public let predictions: Splits<SplitPredictions>
  /// k for each X of the options; nil where accuracy never falls that far.
  public let stops: [Int?]
  /// What looks mixed up in the inputs.
  let warnings: InputWarnings
  /// Clean validation images before any sample was drawn.
  let availableRows: Int

  /// How far a study has come.
  public struct Progress: Sendable {
    /// The split being worked on.
    public let split: Split
    /// Images done and images in all, over every split and pass.
    public let done: Int, total: Int
  }

  private static let rowsAtOnce = 512
  /// How many values of validation faces are kept between ranking and sweep (256 MB): those of the first layers are many.
  private static let keptValues = 1 << 26

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

  /// Runs several studies that differ in order, seed, sample or X; the network up to the pruned layer runs once for all.
  /// - Parameter options: of one layer; `excludesTarget` and `threads` are taken from the first.
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
    if let other = options.first(where: { $0.layer != first.layer }) {
      throw InputError("--layer", found: "\(first.layer) and \(other.layer)", expected: "one layer")
    }
    let sweep = try PruningSweep(badNet.network, layer: first.layer, threads: first.threads)
    // A layer that cannot be pruned is told before the work, not after it.
    _ = try badNet.network.pruning([], of: first.layer)
    try badNet.require(data)
    let excluded = first.excludesTarget ? try data.targetRows() : Splits<Set<Int>>()
    let samples = try options.map { try $0.drawnRows(of: validation) }

    let drawn = samples.reduce(0) { $0 + $1.count }
    let others = Split.allCases.filter { $0 != .cleanValid && data[$0] != nil }
    let total = others.reduce(validation.count + drawn) { $0 + options.count * (data[$1]?.count ?? 0) }
    var done = 0
    func report(_ split: Split, _ rows: Int) {
      done += rows
      progress(Progress(split: split, done: done, total: total))
    }

    var prefixes: [SweepPrefix] = []
    let keeps = validation.count * sweep.prefixSize <= keptValues
    var sums = [[Double]](repeating: [Double](repeating: 0, count: sweep.channels), count: options.count)
    var batch = 0
    func forEachBatch(of faces: FaceDataset, _ body: (Tensor) throws -> Void) throws {
      try faces.forEachBatch(rows: rowsAtOnce, prepared: badNet.preparation, threads: first.threads, body)
    }
    var prints = Splits<[UInt64]>()
    var finite = FiniteCheck(badNet.network, threads: first.threads)
    func look(at images: Tensor, of split: Split) throws {
      let (row, name) = (prints[split]?.count ?? 0, data[split]?.name ?? "")
      try finite.check(images) { "\(name): row \(row + $0)" }
      prints[split, default: []] += images.imagePrints(threads: first.threads)
    }
    try forEachBatch(of: validation) { images in
      try look(at: images, of: .cleanValid)
      let prefix = try sweep.prefix(of: images)
      for (study, sample) in samples.enumerated() {
        let part = prefix.images(sample.rows(ofBatch: batch, size: rowsAtOnce))
        for (channel, sum) in sweep.channelSums(part).enumerated() { sums[study][channel] += sum }
      }
      batch += 1
      if keeps { prefixes.append(prefix) }
      report(.cleanValid, images.count)
    }
    let places = Double(badNet.network.shapes[sweep.layer].positions)
    let means = zip(sums, samples).map { sums, sample in sums.map { $0 / (Double(sample.count) * places) } }
    guard means.joined().allSatisfy(\.isFinite) else {
      throw InputError(first.layer, found: "activations that are not finite", expected: "finite numbers")
    }
    let orders = try zip(options, means).map { options, means in
      try options.order.channels(
        meanActivation: means, weightNorms: { try badNet.network.channelWeightNorms(of: sweep.layer) },
        seed: options.seed)
    }

    let empty = [[Int32]](repeating: [], count: sweep.channels + 1)
    var classes = [Splits<[[Int32]]>](repeating: data.map { _, _ in empty }, count: options.count)
    func add(_ prefix: SweepPrefix, _ split: Split, to study: Int) throws {
      for (step, batch) in try sweep.predictions(prefix, order: orders[study]).enumerated() {
        classes[study][split]?[step] += batch
      }
      report(split, prefix.count)
    }
    func addValidation(_ prefix: SweepPrefix, batch: Int) throws {
      for (study, sample) in samples.enumerated() {
        try add(prefix.images(sample.rows(ofBatch: batch, size: rowsAtOnce)), .cleanValid, to: study)
      }
    }
    if keeps {
      for (batch, prefix) in prefixes.enumerated() { try addValidation(prefix, batch: batch) }
      prefixes = []
    } else {
      batch = 0
      try forEachBatch(of: validation) { images in
        try addValidation(sweep.prefix(of: images), batch: batch)
        batch += 1
      }
    }
    for split in others {
      try data[split].map { faces in
        try forEachBatch(of: faces) { images in
          try look(at: images, of: split)
          let prefix = try sweep.prefix(of: images)
          for study in options.indices { try add(prefix, split, to: study) }
        }
      }
    }
    return try options.indices.map { study in
      let predictions = data.map { split, faces in
        SplitPredictions(
          labels: split == .cleanValid ? samples[study].map { faces.labels[$0] } : faces.labels,
          classes: classes[study][split] ?? empty, excluded: excluded[split] ?? [])
      }
      var seen = prints
      seen.cleanValid = prints.cleanValid.map { all in samples[study].map { all[$0] } }
      let warnings = try InputWarnings(
        badNet, on: data, predictions, prints: seen, selects: true, excludesTarget: first.excludesTarget,
        threads: first.threads)
      return PruningStudy(
        badNet: badNet, options: options[study], meanActivation: means[study], pruneOrder: orders[study],
        predictions: predictions, availableRows: validation.count, warnings: warnings)
    }
  }

  private init(
    badNet: BadNet, options: StudyOptions, meanActivation: [Double], pruneOrder: [Int],
    predictions: Splits<SplitPredictions>, availableRows: Int, warnings: InputWarnings
  ) {
    self.warnings = warnings
    self.badNet = badNet
    self.options = options
    self.meanActivation = meanActivation
    self.pruneOrder = pruneOrder
    self.predictions = predictions
    self.availableRows = availableRows
    let rates = (0...pruneOrder.count).compactMap { predictions.cleanValid?.rate(after: $0) }
    stops = options.drops.map { drop in
      rates.firstIndex { drop.isReached(hits: $0.hits, baseline: rates[0].hits, total: $0.total) }
    }
  }

  /// B' for each X: a copy of the network with the first k channels of the order silenced, nil where there is no k.
  /// - Throws: `NetworkError` where the layer's channels cannot be silenced by zeroing weights.
  public func repairedNetworks() throws -> [Network?] {
    try stops.map { stop in
      try stop.map { try badNet.network.pruning(pruneOrder.prefix($0), of: options.layer) }
    }
  }
}

extension StudyOptions {
  /// The same options with the name of the layer that the network says, where none was given.
  /// - Throws: `InputError` where the network has none.
  public func choosingLayer(of network: Network) throws -> StudyOptions {
    guard choosesLayer else { return self }
    guard let index = network.defaultPrunedLayer else {
      throw InputError(
        "--layer", found: "not given", expected: "a layer's name, as the network has none with maps that can be pruned")
    }
    var options = self
    (options.layer, options.choosesLayer) = (network.nodes[index].name, false)
    return options
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
