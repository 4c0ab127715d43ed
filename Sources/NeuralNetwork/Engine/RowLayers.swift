import Threads

/// The wide and the depthwise convolutions of a network, each with what follows it alone and is computed with it: batch
/// normalisation, folded into the weights, a sum with an earlier value, and max(x, 0) up to a ceiling.
package struct RowLayers: Sendable {
  /// A convolution and the nodes computed with it.
  package struct Chain: Sendable {
    /// The convolution.
    let first: Int
    /// The nodes after it, of which the last one's value comes out.
    package private(set) var nodes: [Int] = []
    /// The normalisation, and the other summand.
    fileprivate(set) var folds: Int?
    package fileprivate(set) var adds: Int?
    /// Of the max(x, 0) that comes last, infinite for none; nil where nothing does.
    fileprivate(set) var ceiling: Float?

    var last: Int { nodes.last ?? first }

    fileprivate init(from first: Int, ceiling: Float?) { (self.first, self.ceiling) = (first, ceiling) }

    fileprivate mutating func append(_ node: Int) { nodes.append(node) }
  }

  private let network: Network
  private let readers: [[Int]]
  private let kernels: Kernels?
  /// By node, of those that are computed here: the layer's own activation.
  private let activations: [Activation?]
  /// Packed weights by chain: a convolution with and without its normalisation are two, and so is one for few windows.
  private let packed = Locked<[Key: any RowLayer]>([:])

  private struct Key: Hashable {
    let first: Int
    let folds: Int?
    let forFewWindows: Bool
  }

  /// - Parameter kernels: nil for the plain layers alone.
  package init(_ network: Network, kernels: Kernels?) {
    (self.network, self.kernels) = (network, kernels)
    var readers = [[Int]](repeating: [], count: network.nodes.count)
    for (index, node) in network.nodes.enumerated() { for input in node.inputs { readers[input].append(index) } }
    self.readers = readers
    activations = network.nodes.map { kernels == nil ? nil : $0.layer.rowActivation }
  }

  /// - Parameters:
  ///   - needed: the nodes that are computed.
  ///   - wanted: the nodes whose values are requested.
  package func chain(from index: Int, needed: Set<Int>, wanted: Set<Int>) -> Chain? {
    guard let activation = activations[index] else { return nil }
    var chain = Chain(from: index, ceiling: activation.ceiling)
    while chain.ceiling == nil, !wanted.contains(chain.last), let reader = onlyReader(of: chain.last, needed) {
      switch network.nodes[reader].layer {
      case .batchNormalization where chain.last == index: chain.folds = reader
      case .add where chain.adds == nil && takesSums(index):
        let others = network.nodes[reader].inputs.filter { $0 != chain.last }
        guard network.nodes[reader].inputs.count == 2, others.count == 1, others[0] < index else { return chain }
        chain.adds = others[0]
      case .activation(let activation) where activation.ceiling != nil: chain.ceiling = activation.ceiling
      default: return chain
      }
      chain.append(reader)
    }
    return chain
  }

  private func takesSums(_ index: Int) -> Bool {
    if case .convolution = network.nodes[index].layer { true } else { false }
  }

  private func onlyReader(of index: Int, _ needed: Set<Int>) -> Int? {
    let readers = readers[index].filter(needed.contains)
    return readers.count == 1 ? readers[0] : nil
  }

  /// The value of the chain's last node.
  func value(of chain: Chain, _ input: Tensor, added: Tensor?, threads: Int) throws -> Tensor {
    try layer(of: chain, images: input.count)
      .forward(input, finish: RowFinish(added: added, ceiling: chain.ceiling), threads: threads)
  }

  /// - Parameter images: how many come at once.
  private func layer(of chain: Chain, images: Int) throws -> any RowLayer {
    let forFewWindows = images < LaneLayers.fewestImages && hasFewWindows(chain.first)
    let key = Key(first: chain.first, folds: chain.folds, forFewWindows: forFewWindows)
    return try packed.withLock { packed in
      if let found = packed[key] { return found }
      let node = network.nodes[chain.first]
      let (input, output) = (network.shapes[node.inputs[0]], network.shapes[chain.first])
      var scale: ChannelScale?
      if let folded = chain.folds, case .batchNormalization(let normalization) = network.nodes[folded].layer {
        scale = ChannelScale(normalization)
      }
      let made: any RowLayer
      switch node.layer {
      case .convolution(let layer):
        made = try RowConvolution(
          layer, input: input, output: output, scale: scale, kernels: kernels ?? .chosen, forFewWindows: forFewWindows)
      case .operation(let box):
        guard let layer = box.operation as? GroupedConvolution else { fallthrough }
        made = try RowDepthwise(layer, input: input, output: output, scale: scale, kernels: kernels ?? .chosen)
      default: throw NetworkError(node.name, found: "no wide convolution", expected: "one")
      }
      packed[key] = made
      return made
    }
  }
}

extension RowLayers {
  /// Whether a layer's maps are so small that an image has few windows.
  private func hasFewWindows(_ index: Int) -> Bool {
    guard case .convolution(let layer) = network.nodes[index].layer, layer.suitsRowWinograd else { return false }
    return KernelPanels.suit(network.shapes[index])
  }
}

extension Convolution {
  /// Input channels from which lanes, where each image's number has a place of its own, no longer pay.
  private static let fewestRowChannels = 64

  /// Whether it is computed on maps as they lie: the kernels in lanes cannot take it, it has many channels, or it is a product of
  /// rows as they lie.
  var isWide: Bool {
    (activation == .relu || activation == .linear)
      && (!canRunInKernels || inputChannels >= Self.fewestRowChannels || window.height == 1 && window.width == 1)
  }
}

extension Layer {
  /// Of a layer that is computed on maps as they lie: its own activation, which is max(x, 0) up to a ceiling or none.
  fileprivate var rowActivation: Activation? {
    switch self {
    case .convolution(let layer) where layer.isWide: layer.activation
    case .operation(let box):
      (box.operation as? GroupedConvolution).flatMap { layer in
        layer.isChannelwise && (layer.activation == .linear || layer.activation.ceiling != nil) ? layer.activation : nil
      }
    default: nil
    }
  }
}
