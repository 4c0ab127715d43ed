import Threads

/// The wide convolutions of a network, each with what follows it alone and is computed with it: batch normalisation, folded into
/// the weights, a sum with an earlier value, and max(x, 0).
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
    var rectifies: Bool

    var last: Int { nodes.last ?? first }

    fileprivate init(from first: Int, rectifies: Bool) { (self.first, self.rectifies) = (first, rectifies) }

    fileprivate mutating func append(_ node: Int) { nodes.append(node) }
  }

  private let network: Network
  private let readers: [[Int]]
  private let kernels: Kernels?
  private let isWide: [Bool]
  /// Packed weights by chain: a convolution with and without its normalisation are two.
  private let packed = Locked<[Key: RowConvolution]>([:])

  private struct Key: Hashable {
    let first: Int
    let folds: Int?
  }

  /// - Parameter kernels: nil for the plain layers alone.
  package init(_ network: Network, kernels: Kernels?) {
    (self.network, self.kernels) = (network, kernels)
    var readers = [[Int]](repeating: [], count: network.nodes.count)
    for (index, node) in network.nodes.enumerated() { for input in node.inputs { readers[input].append(index) } }
    self.readers = readers
    isWide = network.nodes.map { node in
      if case .convolution(let layer) = node.layer { kernels != nil && layer.isWide } else { false }
    }
  }

  /// - Parameters:
  ///   - needed: the nodes that are computed.
  ///   - wanted: the nodes whose values are requested.
  package func chain(from index: Int, needed: Set<Int>, wanted: Set<Int>) -> Chain? {
    guard isWide[index], case .convolution(let layer) = network.nodes[index].layer else { return nil }
    var chain = Chain(from: index, rectifies: layer.activation == .relu)
    while !chain.rectifies, !wanted.contains(chain.last), let reader = onlyReader(of: chain.last, needed) {
      switch network.nodes[reader].layer {
      case .batchNormalization where chain.last == index: chain.folds = reader
      case .add where chain.adds == nil:
        let others = network.nodes[reader].inputs.filter { $0 != chain.last }
        guard network.nodes[reader].inputs.count == 2, others.count == 1, others[0] < index else { return chain }
        chain.adds = others[0]
      case .activation(.relu): chain.rectifies = true
      default: return chain
      }
      chain.append(reader)
    }
    return chain
  }

  private func onlyReader(of index: Int, _ needed: Set<Int>) -> Int? {
    let readers = readers[index].filter(needed.contains)
    return readers.count == 1 ? readers[0] : nil
  }

  /// The value of the chain's last node.
  func value(of chain: Chain, _ input: Tensor, added: Tensor?, threads: Int) throws -> Tensor {
    try convolution(of: chain).forward(
      input, finish: .init(added: added, rectified: chain.rectifies), threads: threads)
  }

  private func convolution(of chain: Chain) throws -> RowConvolution {
    let key = Key(first: chain.first, folds: chain.folds)
    return try packed.withLock { packed in
      if let found = packed[key] { return found }
      guard case .convolution(let layer) = network.nodes[chain.first].layer, let kernels else {
        throw NetworkError(network.nodes[chain.first].name, found: "no wide convolution", expected: "one")
      }
      var scale: (factors: [Double], offsets: [Double])?
      if let node = chain.folds, case .batchNormalization(let normalization) = network.nodes[node].layer {
        scale = normalization.scale
      }
      let made = try RowConvolution(
        layer, input: network.shapes[network.nodes[chain.first].inputs[0]], output: network.shapes[chain.first],
        scale: scale, kernels: kernels)
      packed[key] = made
      return made
    }
  }
}

extension Convolution {
  /// Input channels from which lanes, where each image's number has a place of its own, no longer pay.
  private static let fewestRowChannels = 64

  /// Whether it is computed on maps as they lie: the kernels in lanes cannot take it, or it has many channels.
  var isWide: Bool {
    (activation == .relu || activation == .linear) && (!canRunInKernels || inputChannels >= Self.fewestRowChannels)
  }
}

extension BatchNormalization {
  /// gamma / sqrt(variance + epsilon), and beta - mean times that.
  fileprivate var scale: (factors: [Double], offsets: [Double]) {
    let factors = mean.indices.map {
      Double(gamma?[$0] ?? 1) / (Double(variance[$0]) + Double(epsilon)).squareRoot()
    }
    return (factors, mean.indices.map { Double(beta?[$0] ?? 0) - Double(mean[$0]) * factors[$0] })
  }
}
