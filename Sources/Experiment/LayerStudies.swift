import Datasets
import Defences
import Files
import NeuralNetwork

/// Studies of one layer of one network, which share the part before that layer.
struct LayerStudies {
  let badNet: BadNet
  let data: Splits<FaceDataset>
  let validation: FaceDataset
  let options: [StudyOptions]
  /// Of each: the clean validation rows that it knows.
  let samples: [[Int]]
  let sweep: PruningSweep

  private static let rowsAtOnce = 512
  /// How many values of validation faces are kept between ranking and sweep (256 MB): those of the first layers are many.
  private static let keptValues = 1 << 26

  /// - Parameters:
  ///   - report: is told of each batch.
  ///   - look: sees every image once.
  /// - Returns: what each of the options found.
  func run(
    _ report: (Split, Int) -> Void, _ look: (Tensor, Split) throws -> Void
  ) throws -> [StudyFindings] {
    let others = Split.allCases.filter { $0 != .cleanValid && data[$0] != nil }
    var prefixes: [SweepPrefix] = []
    let keeps = validation.count * sweep.prefixSize <= Self.keptValues
    var sums = [[Double]](repeating: [Double](repeating: 0, count: sweep.channels), count: options.count)
    var batch = 0
    try forEachBatch(of: validation) { images in
      try look(images, .cleanValid)
      let prefix = try sweep.prefix(of: images)
      for (study, sample) in samples.enumerated() {
        let part = prefix.images(sample.rows(ofBatch: batch, size: Self.rowsAtOnce))
        for (channel, sum) in sweep.channelSums(part).enumerated() { sums[study][channel] += sum }
      }
      batch += 1
      if keeps { prefixes.append(prefix) }
      report(.cleanValid, images.count)
    }
    let places = Double(badNet.network.shapes[sweep.layer].positions)
    let means = zip(sums, samples).map { sums, sample in sums.map { $0 / (Double(sample.count) * places) } }
    guard means.joined().allSatisfy(\.isFinite) else {
      throw InputError(options[0].layer, found: "activations that are not finite", expected: "finite numbers")
    }
    let unit = try badNet.network.prunableUnit(sweep.layer)
    let subjects = try subjects(means, unit)
    let ranked = try options.indices.map { study -> RankedChannels in
      if let subject = subjects[study] { return try options[study].rank(subject) { try triggeredMeans() } }
      let order = try options[study].order.channels(
        meanActivation: means[study], weightNorms: { try badNet.network.channelWeightNorms(of: sweep.layer) },
        seed: options[study].seed)
      return RankedChannels(scores: means[study], order: order, images: samples[study].count)
    }

    let empty = [[Int32]](repeating: [], count: sweep.channels + 1)
    var classes = [Splits<[[Int32]]>](repeating: data.map { _, _ in empty }, count: options.count)
    func add(_ prefix: SweepPrefix, _ split: Split, to study: Int) throws {
      for (step, batch) in try sweep.predictions(prefix, order: ranked[study].order).enumerated() {
        classes[study][split]?[step] += batch
      }
      report(split, prefix.count)
    }
    func addValidation(_ prefix: SweepPrefix, batch: Int) throws {
      for (study, sample) in samples.enumerated() {
        try add(prefix.images(sample.rows(ofBatch: batch, size: Self.rowsAtOnce)), .cleanValid, to: study)
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
          try look(images, split)
          let prefix = try sweep.prefix(of: images)
          for study in options.indices { try add(prefix, split, to: study) }
        }
      }
    }
    return options.indices.map { study in
      StudyFindings(
        layers: [unit], meanActivation: means[study], ranked: ranked[study], points: Array(0...sweep.channels),
        classes: classes[study], subject: subjects[study])
    }
  }

  /// What each defence sees; nil for `pruning`, which needs no images beside those that passed.
  private func subjects(_ means: [[Double]], _ unit: PrunableUnit) throws -> [DefenceSubject?] {
    var kept: (rows: [Int], images: CleanImages)?
    return try options.indices.map { study in
      guard options[study].defence.defence.name != Defence.pruning.name else { return nil }
      if kept?.rows != samples[study] {
        kept = (
          samples[study], try CleanImages(validation, rows: samples[study], prepared: badNet.preparation)
        )
      }
      return kept.map { options[study].subject(badNet, [unit], means[study], $0.images) }
    }
  }

  /// (C), over triggered validation images and positions.
  private func triggeredMeans() throws -> [Double] {
    let faces = try OracleRanking.images(data)
    var sums = [Double](repeating: 0, count: sweep.channels)
    try forEachBatch(of: faces) { images in
      for (channel, sum) in sweep.channelSums(try sweep.prefix(of: images)).enumerated() { sums[channel] += sum }
    }
    let count = Double(faces.count * badNet.network.shapes[sweep.layer].positions)
    return sums.map { $0 / count }
  }

  private func forEachBatch(of faces: FaceDataset, _ body: (Tensor) throws -> Void) throws {
    try faces.forEachBatch(
      rows: Self.rowsAtOnce, prepared: badNet.preparation, threads: options[0].threads, body)
  }
}

extension [Int] {
  /// Which of these rows, in ascending order, are in a batch, counted from its start.
  fileprivate func rows(ofBatch batch: Int, size: Int) -> [Int] {
    filter { $0 / size == batch }.map { $0 % size }
  }
}
