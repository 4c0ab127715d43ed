import Threads

/// The layers of a network that the kernels compute, packed once for a pass.
struct LaneLayers: Sendable {
  /// By node.
  let convolutions: [Int: LaneConvolution]
  /// The pool computed together with a convolution, by the convolution's node.
  let pools: [Int: Int]
  /// The convolutions before a pool that have a quicker way.
  let winograd: [Int: WinogradConvolution]
  let lanes: Int
  let store = LaneStore()

  /// Fewer images than this leave most of a group's lanes idle, and `ImageLayers` are faster.
  static let fewestImages = 4

  /// - Parameters:
  ///   - kernels: nil for the plain layers alone.
  ///   - forTraining: whether a backward pass follows, which there is for strides of 1.
  ///   - threads: that pack the layers.
  init(_ network: Network, kernels: Kernels?, forTraining: Bool = false, threads: Int = 1) {
    let nodes = network.nodes.indices.filter { index in
      guard kernels != nil, case .convolution(let layer) = network.nodes[index].layer else { return false }
      return forTraining ? layer.canTrainInLanes : !layer.isWide
    }
    let packed = parallelMap(nodes.count, threads: threads) { place -> Packed? in
      let index = nodes[place]
      guard case .convolution(let layer) = network.nodes[index].layer, let kernels,
        let convolution = LaneConvolution(
          layer, input: network.shapes[network.nodes[index].inputs[0]], output: network.shapes[index],
          kernels: kernels)
      else { return nil }
      let pool = network.pool(behind: index)
      return Packed(
        convolution: convolution, pool: pool,
        winograd: pool.flatMap { _ in WinogradConvolution(layer, plain: convolution, kernels: kernels) })
    }
    let layers = Dictionary(uniqueKeysWithValues: zip(nodes, packed)).compactMapValues { $0 }
    convolutions = layers.mapValues { $0.convolution }
    pools = layers.compactMapValues { $0.pool }
    winograd = layers.compactMapValues { $0.winograd }
    lanes = kernels?.lanes ?? 1
  }

  private struct Packed: Sendable {
    let convolution: LaneConvolution
    let pool: Int?
    let winograd: WinogradConvolution?
  }

  /// The convolution computed together with pool `index`.
  func convolution(pooledBy index: Int) -> Int? { pools.first { $0.value == index }?.key }

  /// In lanes if either is.
  func sum(_ a: NodeValue, _ b: NodeValue) -> NodeValue {
    var (a, b) = (a, b)
    if a.lanes != nil || b.lanes != nil, let sum = a.asLanes(lanes, store), let other = b.asLanes(lanes, store) {
      sum.add(other)
      return NodeValue(sum)
    }
    guard let first = a.asRows(), let second = b.asRows() else { return a }
    return NodeValue(Merging.add([first, second]))
  }
}
