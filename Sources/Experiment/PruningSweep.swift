import NeuralNetwork

/// What a layer sees of some images: the values behind which a pruned network differs, computed once for every k.
struct SweepPrefix: Sendable {
  /// Values by node: the pruned layer, and what goes past it to later layers.
  var values: [Int: Tensor]

  /// How many images.
  var count: Int { values.first?.value.count ?? 0 }

  /// What the layer sees of some of the images.
  func images(_ rows: [Int]) -> SweepPrefix {
    rows.count == count ? self : SweepPrefix(values: values.mapValues { $0.images(rows) })
  }
}

/// Silences a layer's channels one after the other and predicts after each.
///
/// Nothing before the layer changes while it is pruned, so that part of the network runs once an image.
struct PruningSweep: Sendable {
  /// Index of the pruned layer.
  let layer: Int
  private let forward: ForwardPass
  private let sweep: SilencingSweep

  init(_ network: Network, layer name: String, threads: Int) throws {
    forward = ForwardPass(network, threads: threads)
    layer = try network.index(of: name)
    sweep = try SilencingSweep(network, layer: layer, threads: threads)
  }

  /// The number of channels of the pruned layer.
  var channels: Int { forward.network.shapes[layer].channels }

  /// Values of a prefix per image.
  var prefixSize: Int { sweep.frontier.reduce(0) { $0 + forward.network.shapes[$1].count } }

  /// - Parameter images: (N, H, W, C), scaled.
  func prefix(of images: Tensor) throws -> SweepPrefix {
    let values = try forward.values(of: sweep.frontier, given: [0: images])
    return SweepPrefix(values: Dictionary(uniqueKeysWithValues: zip(sweep.frontier, values)))
  }

  /// The sums of each channel over images and positions, in double precision: (C).
  func channelSums(_ prefix: SweepPrefix) -> [Double] {
    let channels = channels
    var sums = [Double](repeating: 0, count: channels)
    prefix.values[layer]?.values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for start in stride(from: 0, to: values.count, by: channels) {
          for channel in 0..<channels { sums[channel] += Double(values[start + channel]) }
        }
      }
    }
    return sums
  }

  /// Predictions after 0, 1 … C channels of `order` are silenced.
  /// - Returns: C + 1 lists of N classes.
  func predictions(_ prefix: SweepPrefix, order: [Int]) throws -> [[Int32]] {
    try sweep.predictions(prefix.values, order: order)
  }
}

extension Tensor {
  /// Copies of the images in `rows`.
  fileprivate func images(_ rows: [Int]) -> Tensor {
    let size = shape.count
    return Tensor(count: rows.count, shape: shape, values: rows.flatMap { values[$0 * size..<($0 + 1) * size] })
  }
}
