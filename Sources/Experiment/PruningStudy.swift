import Backdoor
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
    guard let validation = data.cleanValid else {
      throw InputError(
        Split.cleanValid.option, found: "not given", expected: "clean validation faces to rank channels by")
    }
    self.badNet = badNet
    self.options = options
    let sweep = try PruningSweep(badNet.network, layer: options.layer, threads: options.threads)
    // A layer that cannot be pruned is told before the work, not after it.
    _ = try badNet.network.pruning([], of: options.layer)
    try badNet.require(data)
    let excluded = options.excludesTarget ? try data.targetRows() : Splits<Set<Int>>()

    let total = Split.allCases.reduce(validation.count) { $0 + (data[$1]?.count ?? 0) }
    var done = 0
    func report(_ split: Split, _ rows: Int) {
      done += rows
      progress(Progress(split: split, done: done, total: total))
    }

    var prefixes: [SweepPrefix] = []
    let keeps = validation.count * sweep.prefixSize <= Self.keptValues
    var sums = [Double](repeating: 0, count: sweep.channels)
    try badNet.forEachBatch(of: validation, rows: Self.rowsAtOnce) { images in
      let prefix = try sweep.prefix(of: images)
      for (channel, sum) in sweep.channelSums(prefix).enumerated() { sums[channel] += sum }
      if keeps { prefixes.append(prefix) }
      report(.cleanValid, images.count)
    }
    let places = Double(validation.count * badNet.network.shapes[sweep.layer].positions)
    let means = sums.map { $0 / places }
    guard means.allSatisfy(\.isFinite) else {
      throw InputError(options.layer, found: "activations that are not finite", expected: "finite numbers")
    }
    let order = try options.order.channels(
      meanActivation: means, weightNorms: { try badNet.network.channelWeightNorms(of: sweep.layer) },
      seed: options.seed)

    var results = Splits<SplitPredictions>()
    for split in Split.allCases {
      guard let faces = data[split] else { continue }
      var classes = [[Int32]](repeating: [], count: order.count + 1)
      func add(_ prefix: SweepPrefix, _ rows: Int) throws {
        for (step, batch) in try sweep.predictions(prefix, order: order).enumerated() { classes[step] += batch }
        report(split, rows)
      }
      if split == .cleanValid, keeps {
        for prefix in prefixes { try add(prefix, prefix.values[sweep.layer]?.count ?? 0) }
        prefixes = []
      } else {
        try badNet.forEachBatch(of: faces, rows: Self.rowsAtOnce) { try add(sweep.prefix(of: $0), $0.count) }
      }
      results[split] = SplitPredictions(labels: faces.labels, classes: classes, excluded: excluded[split] ?? [])
    }
    meanActivation = means
    pruneOrder = order
    predictions = results
    let validationHits = (0...order.count).map { results.cleanValid?.rate(after: $0).hits ?? 0 }
    stops = options.drops.map { drop in
      validationHits.indices.first {
        drop.isReached(hits: validationHits[$0], baseline: validationHits[0], total: validation.count)
      }
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

extension BadNet {
  /// Hands out the images of a dataset in order, scaled, a batch at a time.
  func forEachBatch(of faces: FaceDataset, rows: Int, _ body: (Tensor) throws -> Void) throws {
    for start in stride(from: 0, to: faces.count, by: rows) {
      try body(faces.images(start..<min(faces.count, start + rows), scale: Float(inputScale)))
    }
  }

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
