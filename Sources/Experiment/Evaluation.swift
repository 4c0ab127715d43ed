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
    try badNet.require(data)
    if let repaired { try badNet.require(repaired) }
    let passes = ([badNet.network] + (repaired.map { [$0] } ?? [])).map { ForwardPass($0, threads: threads) }
    let excluded = excludesTarget ? try data.targetRows() : Splits<Set<Int>>()
    return try data.map { split, faces in
      var classes = [[Int32]](repeating: [], count: passes.count)
      try faces.forEachBatch(rows: rowsAtOnce, prepared: badNet.preparation, threads: threads) { images in
        for (index, pass) in passes.enumerated() {
          classes[index] += try pass.logits(of: images).largestIndices.map(Int32.init)
        }
      }
      return SplitPredictions(labels: faces.labels, classes: classes, excluded: excluded[split] ?? [])
    }
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
    let original = try ForwardPass(badNet.network, threads: threads).logits(of: scaled).largestIndices
    guard let repaired else { return original }
    let second = try ForwardPass(repaired, threads: threads).logits(of: scaled).largestIndices
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

extension SplitPredictions {
  /// Whether B is hardly better on these faces than always answering their most frequent label: at most twice its hits.
  public var isNearChance: Bool {
    let mostFrequent = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +).values.max() ?? 0
    return rate(after: 0).hits <= 2 * mostFrequent && 2 * mostFrequent < labels.count
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
