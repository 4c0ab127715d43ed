import Datasets
import Files
import NeuralNetwork

/// What networks predict for faces, without pruning anything.
public enum Evaluation {
  private static let rowsAtOnce = 512

  /// The predictions of B, and of B' where there is one, for every split that is given.
  ///
  /// - Parameters:
  ///   - badNet: B.
  ///   - repaired: B', of the same input and classes.
  ///   - excludesTarget: whether rows whose true identity is the target are left out of backdoored splits.
  ///   - threads: how many may work at once.
  /// - Returns: by split, with B at 0 and B' at 1.
  /// - Throws: `InputError`, `NetworkError` or `HDF5Error` where data or B' do not suit B.
  public static func predictions(
    of badNet: BadNet, repaired: Network? = nil, on data: Splits<FaceDataset>, excludesTarget: Bool = false,
    threads: Int
  ) throws -> Splits<SplitPredictions> {
    try evaluate(badNet, repaired: repaired, on: data, excludesTarget: excludesTarget, threads: threads).predictions
  }

  /// The same, and a sentence for each thing that looks mixed up in the inputs.
  public static func evaluate(
    _ badNet: BadNet, repaired: Network? = nil, on data: Splits<FaceDataset>, excludesTarget: Bool = false,
    threads: Int
  ) throws -> (predictions: Splits<SplitPredictions>, warnings: [String]) {
    try badNet.require(data)
    if let repaired { try badNet.require(repaired) }
    let networks = [badNet.network] + (repaired.map { [$0] } ?? [])
    let passes = networks.map { ForwardPass($0, threads: threads) }
    var checks = networks.map { FiniteCheck($0, threads: threads) }
    var prints = Splits<[UInt64]>()
    let excluded = excludesTarget ? try data.targetRows() : Splits<Set<Int>>()
    let predictions = try data.map { split, faces in
      var classes = [[Int32]](repeating: [], count: passes.count)
      try faces.forEachBatch(rows: rowsAtOnce, prepared: badNet.preparation, threads: threads) { images in
        let row = classes[0].count
        let look = ImageLook(images, threads: threads)
        for (index, pass) in passes.enumerated() {
          let logits = try pass.logits(of: images)
          try checks[index].check(images, largest: look.largest, logits: logits) { "\(faces.name): row \(row + $0)" }
          classes[index] += logits.largestIndices.map(Int32.init)
        }
        prints[split, default: []] += look.prints
      }
      return SplitPredictions(labels: faces.labels, classes: classes, excluded: excluded[split] ?? [])
    }
    let warnings = try InputWarnings(
      badNet, on: data, predictions, prints: prints, selects: false, excludesTarget: excludesTarget, threads: threads)
    return (predictions, warnings.texts(trained: nil))
  }

  /// The class of each image: that of B, or G's where there is a B' (`identities` for "poisoned").
  /// - Parameter images: (N, H, W, C), 0...255.
  public static func classes(
    of images: Tensor, badNet: BadNet, repaired: Network? = nil, threads: Int
  ) throws -> [Int] {
    if let repaired { try badNet.require(repaired) }
    var scaled = images
    try badNet.preparation.require(channels: images.shape.channels)
    for index in scaled.values.indices { scaled.values[index] *= Float(badNet.inputScale) }
    badNet.preparation.normalize(&scaled)
    func classes(_ network: Network) throws -> [Int] {
      let logits = try ForwardPass(network, threads: threads).logits(of: scaled)
      var check = FiniteCheck(network, threads: threads)
      try check.check(scaled, logits: logits) { "image \($0 + 1)" }
      return logits.largestIndices
    }
    let original = try classes(badNet.network)
    guard let repaired else { return original }
    let second = try classes(repaired)
    return zip(original, second).map { $0 == $1 ? $0 : badNet.network.classes }
  }
}

extension BadNet {
  /// - Throws: `InputError` where a repaired network is not of this network's form.
  fileprivate func require(_ repaired: Network) throws {
    guard repaired.inputShape == network.inputShape, repaired.classes == network.classes else {
      throw InputError(
        "--repaired", found: "a network from \(repaired.inputShape) to \(repaired.classes) identities",
        expected: "one from \(network.inputShape) to \(network.classes), as --model")
    }
  }
}

extension Evaluation {
  /// What one network does on every split that was given.
  public struct NetworkRates: Codable, Sendable {
    /// `B`, `B'` or `G`.
    public let network: String
    /// Rows predicted as their label.
    public let rates: Splits<Rate>
    /// Rows answered "poisoned"; only for G.
    public let flagged: Splits<Rate>
  }

  /// B, and B' and G where there is a B'.
  public static func networks(_ predictions: Splits<SplitPredictions>) -> [NetworkRates] {
    let original = NetworkRates(network: "B", rates: predictions.map { $1.rate(after: 0) }, flagged: Splits())
    guard Split.allCases.contains(where: { (predictions[$0]?.classes.count ?? 0) > 1 }) else { return [original] }
    return [
      original,
      NetworkRates(network: "B'", rates: predictions.map { $1.rate(after: 1) }, flagged: Splits()),
      NetworkRates(
        network: "G", rates: predictions.map { $1.goodNetRate(after: 1) },
        flagged: predictions.map { $1.flaggedRate(after: 1) }),
    ]
  }
}
