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
  init(_ network: Network, kernels: Kernels?, forTraining: Bool = false) {
    var convolutions: [Int: LaneConvolution] = [:]
    var pools: [Int: Int] = [:]
    var winograd: [Int: WinogradConvolution] = [:]
    for (index, node) in network.nodes.enumerated() {
      guard case .convolution(let layer) = node.layer, let kernels else { continue }
      if !forTraining, layer.isWide { continue }
      if forTraining, !layer.canTrainInLanes { continue }
      convolutions[index] = LaneConvolution(
        layer, input: network.shapes[node.inputs[0]], output: network.shapes[index], kernels: kernels)
      guard let plain = convolutions[index], let pool = network.pool(behind: index) else { continue }
      pools[index] = pool
      winograd[index] = WinogradConvolution(layer, plain: plain, kernels: kernels)
    }
    self.convolutions = convolutions
    self.pools = pools
    self.winograd = winograd
    lanes = kernels?.lanes ?? 1
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
