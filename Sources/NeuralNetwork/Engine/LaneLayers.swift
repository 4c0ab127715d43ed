/// The layers of a network that the kernels compute, packed once for a pass.
struct LaneLayers: Sendable {
  /// By node.
  let convolutions: [Int: LaneConvolution]
  /// The pool computed together with a convolution, by the convolution's node.
  let pools: [Int: Int]
  /// The convolutions that have a quicker way where only their pool's output is wanted.
  let winograd: [Int: WinogradConvolution]
  let lanes: Int
  let store = LaneStore()

  /// Fewer images than this leave most of a group's lanes idle, and the plain layers are faster.
  static let fewestImages = 4

  /// - Parameter isWanted: which convolutions to take.
  ///   `kernels` is nil for none.
  init(_ network: Network, kernels: Kernels?, where isWanted: (Convolution) -> Bool = { _ in true }) {
    var convolutions: [Int: LaneConvolution] = [:]
    var pools: [Int: Int] = [:]
    var winograd: [Int: WinogradConvolution] = [:]
    for (index, node) in network.nodes.enumerated() {
      guard case .convolution(let layer) = node.layer, isWanted(layer), let kernels else { continue }
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
