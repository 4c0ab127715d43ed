import Datasets
import Defences
import Files
import NeuralNetwork

/// A study of all convolutions of a network together.
///
/// Every pruned network runs from the images on, so that the curve has a point after every few channels alone: some thirty
/// in all. Where it falls through an X, each number of channels between two points is looked at on clean validation images,
/// and the first one that loses X points is a point too; so is the defence's own stop.
struct WholeNetworkStudy {
  let badNet: BadNet
  let data: Splits<FaceDataset>
  let validation: FaceDataset
  let options: StudyOptions
  let sample: [Int]

  /// Points of the curve at equal distances.
  private static let steps = 25
  /// And with those where something stops, as far as progress is told.
  static let mostPoints = steps + 4

  /// - Parameter report: is told of each batch.
  func run(_ report: (Split, Int) -> Void) throws -> StudyFindings {
    let layers = badNet.network.prunableUnits
    guard !layers.isEmpty else {
      throw InputError(
        "--defence \(options.defence.defence.name)", found: "no convolution that can be pruned",
        expected: "a network with one, or --layer for another kind of layer")
    }
    let images = try CleanImages(validation, rows: sample, prepared: badNet.preparation)
    let means = try meanActivation(layers) { body in
      try images.forEachBatch { batch, _ in try body(batch) }
    }
    guard means.allSatisfy(\.isFinite) else {
      throw InputError(options.layer, found: "activations that are not finite", expected: "finite numbers")
    }
    let subject = options.subject(badNet, layers, means, images)
    let ranked = try options.rank(subject) {
      let triggered = try OracleRanking.images(data)
      return try meanActivation(layers) { body in
        try triggered.forEachBatch(rows: 128, prepared: badNet.preparation, threads: options.threads, body)
      }
    }

    var classes: [Int: [Int32]] = [:]
    func pass(_ pruned: Int) throws -> ForwardPass {
      try ForwardPass(
        badNet.network.pruning(ranked.order.prefix(pruned), through: layers), threads: options.threads)
    }
    func hits(_ pruned: Int) throws -> Int {
      if classes[pruned] == nil { classes[pruned] = try pass(pruned).classes(of: images) }
      return zip(classes[pruned] ?? [], images.labels).count { Int($0) == $1 }
    }
    let channels = ranked.order.count
    let step = (channels + Self.steps - 1) / Self.steps
    let grid = Array(stride(from: 0, to: channels, by: step)) + [channels]
    for point in grid {
      _ = try hits(point)
      report(.cleanValid, images.count)
    }
    var points = Set(grid + [ranked.ownStop].compactMap(\.self))
    let baseline = try hits(0)
    for drop in options.drops {
      func isReached(_ pruned: Int) throws -> Bool {
        drop.isReached(hits: try hits(pruned), baseline: baseline, total: images.count)
      }
      guard let end = try grid.firstIndex(where: isReached), end > 0 else { continue }
      let between = grid[end - 1] + 1...grid[end]
      points.insert(try between.first(where: isReached) ?? grid[end])
    }
    let sorted = points.sorted()
    var found = Splits<[[Int32]]>()
    for split in Split.allCases where data[split] != nil { found[split] = [] }
    for point in sorted {
      _ = try hits(point)
      found.cleanValid?.append(classes[point] ?? [])
      let forward = try pass(point)
      for split in Split.allCases where split != .cleanValid {
        guard let faces = data[split] else { continue }
        found[split]?.append(try forward.classes(of: faces, badNet.preparation))
        report(split, faces.count)
      }
    }
    return StudyFindings(
      layers: layers, meanActivation: means, ranked: ranked, points: sorted, classes: found, subject: subject)
  }

  /// (C), over images and positions.
  private func meanActivation(
    _ layers: [PrunableUnit], _ forEachBatch: ((Tensor) throws -> Void) throws -> Void
  ) throws -> [Double] {
    let pass = ForwardPass(badNet.network, threads: options.threads)
    var sums = [Double](repeating: 0, count: layers.reduce(0) { $0 + $1.channels })
    var count = 0
    try forEachBatch { images in
      var start = 0
      for tensor in try pass.values(of: layers.map(\.layer), given: [0: images]) {
        tensor.addChannels(to: &sums, from: start)
        start += tensor.shape.channels
      }
      count += images.count
    }
    var start = 0
    for layer in layers {
      let places = Double(count * badNet.network.shapes[layer.layer].positions)
      for channel in start..<start + layer.channels { sums[channel] /= places }
      start += layer.channels
    }
    return sums
  }
}
