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
  /// The nodes whose values later layers need: the pruned one first.
  private let frontier: [Int]

  init(_ network: Network, layer name: String, threads: Int) throws {
    forward = ForwardPass(network, threads: threads)
    layer = try network.index(of: name)
    frontier = network.frontier(behind: layer)
  }

  /// The number of channels of the pruned layer.
  var channels: Int { forward.network.shapes[layer].channels }

  /// Values of a prefix per image.
  var prefixSize: Int { frontier.reduce(0) { $0 + forward.network.shapes[$1].count } }

  /// - Parameter images: (N, H, W, C), scaled.
  func prefix(of images: Tensor) throws -> SweepPrefix {
    let values = try forward.values(of: frontier, given: [0: images])
    return SweepPrefix(values: Dictionary(uniqueKeysWithValues: zip(frontier, values)))
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
    let network = forward.network
    guard let pruned = prefix.values[layer] else { return [] }
    let blockSize = 32
    let blocks = (pruned.count + blockSize - 1) / blockSize
    let parts = try parallelMap(blocks, threads: forward.threads) { block in
      let range = block * blockSize..<min(pruned.count, (block + 1) * blockSize)
      var values = prefix.values.mapValues { $0.images(range) }
      let single = ForwardPass(network, threads: 1)
      var results: [[Int32]] = []
      for step in 0...order.count {
        // A channel that fires on none of these images changes nothing.
        let changes = step == 0 || (values[layer]?.silence(order[step - 1]) ?? true)
        if changes {
          let logits = try single.values(of: [network.output], given: values)[0]
          results.append(logits.largestIndices.map(Int32.init))
        } else {
          results.append(results[step - 1])
        }
      }
      return results
    }
    return (0...order.count).map { step in parts.flatMap { $0[step] } }
  }
}

extension Network {
  /// The pruned layer, and every node that does not depend on it but is read by one that does.
  fileprivate func frontier(behind layer: Int) -> [Int] {
    var depends: Set<Int> = [layer]
    var frontier = [layer]
    for index in nodes.indices where index > layer {
      guard nodes[index].inputs.contains(where: depends.contains) else { continue }
      depends.insert(index)
      for input in nodes[index].inputs where !depends.contains(input) && !frontier.contains(input) {
        frontier.append(input)
      }
    }
    return frontier
  }
}

extension Tensor {
  /// Copies of the images in `rows`.
  fileprivate func images(_ rows: [Int]) -> Tensor {
    let size = shape.count
    return Tensor(count: rows.count, shape: shape, values: rows.flatMap { values[$0 * size..<($0 + 1) * size] })
  }

  /// Sets a channel to 0 everywhere; answers whether that changed anything.
  fileprivate mutating func silence(_ channel: Int) -> Bool {
    var changed = false
    let width = shape.channels
    values.withUnsafeMutableBufferPointer { values in
      for index in stride(from: channel, to: values.count, by: width) where values[index] != 0 {
        values[index] = 0
        changed = true
      }
    }
    return changed
  }
}
