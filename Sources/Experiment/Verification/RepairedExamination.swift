import NeuralNetwork

/// What was done to a network to repair it, told from the two networks' weights alone.
public struct RepairedExamination: Codable, Equatable, Sendable {
  /// The layer whose channels are pruned, and the one whose weights make them: the same one where no layer does, as for the sum
  /// of a residual block, whose channels are silenced where they are read.
  public let layer: String, source: String
  /// C, the number of channels of the layer.
  public let channels: Int
  /// How many layers and numbers B has.
  public let layers: Int, parameters: Int
  /// Channels whose weights and bias are all 0 in B' and not in B.
  public let silenced: [Int]
  /// Channels whose weights and bias are all 0 in B already, and in B'.
  public let alreadySilent: [Int]
  /// Channels whose weights became 0 while the bias stayed.
  public let halfSilenced: [HalfSilenced]
  /// Everything else in which B' differs from B.
  public let differences: [WeightDifference]

  /// A channel that answers its bias for every face.
  public struct HalfSilenced: Codable, Equatable, Sendable {
    /// Which one.
    public let channel: Int
    /// In B'.
    public let bias: Double
    /// Whether the channel answers 0 all the same, because a rectifier follows.
    public let answersZero: Bool
  }

  /// Whether no layer makes the channels alone, so that they are silenced where they are read.
  public let isSilencedAtReaders: Bool

  /// Whether B' is B but for silenced channels of the layer.
  public var isPruningAlone: Bool { halfSilenced.isEmpty && differences.isEmpty }

  /// Compares two networks.
  /// - Parameters:
  ///   - names: what errors call B and B'.
  ///   - layer: whose channels are pruned.
  /// - Throws: `InputError` that names the first layer of another form; `NetworkError` where the layer's channels cannot be
  ///   silenced.
  public init(
    of badNet: Network, repaired: Network, names: (badNet: String, repaired: String), layer: String
  ) throws {
    let target = try badNet.index(of: layer)
    let source: Int
    do {
      source = try badNet.channelSource(of: target)
    } catch let error as NetworkError {
      guard let readers = try ReaderExamination(of: badNet, repaired: repaired, names: names, layer: layer) else {
        throw error
      }
      (silenced, alreadySilent, halfSilenced) = (readers.silenced, readers.alreadySilent, [])
      differences = readers.differences
      (self.layer, self.source, isSilencedAtReaders) = (layer, layer, true)
      channels = badNet.shapes[target].channels
      (layers, parameters) = (badNet.nodes.count, badNet.parameterCount)
      return
    }
    let places = try badNet.places(in: repaired, name: names.badNet, otherName: names.repaired)
    let (own, theirs) = (badNet.nodes[source].layer.weights, repaired.nodes[places[source]].layer.weights)
    let channels = badNet.shapes[target].channels
    func zero(_ arrays: [(name: String, shape: [Int], values: [Float])], _ names: [String]) -> [Bool] {
      var isZero = [Bool](repeating: true, count: channels)
      for array in arrays where names.contains(array.name) {
        for (index, value) in array.values.enumerated() where value != 0 { isZero[index % channels] = false }
      }
      return isZero
    }
    // Of a normalisation, gamma is what multiplies and beta what is added.
    let (kernels, biases) = (["kernel", "gamma"], ["bias", "beta"])
    let (kernelBefore, kernelAfter) = (zero(own, kernels), zero(theirs, kernels))
    let (biasBefore, biasAfter) = (zero(own, biases), zero(theirs, biases))
    let all = Array(0..<channels)
    alreadySilent = all.filter { kernelBefore[$0] && biasBefore[$0] && kernelAfter[$0] && biasAfter[$0] }
    silenced = all.filter { kernelAfter[$0] && biasAfter[$0] && !(kernelBefore[$0] && biasBefore[$0]) }
    let half = all.filter { kernelAfter[$0] && !biasAfter[$0] && !kernelBefore[$0] }
    let isRectified = badNet.rectifies(from: source, to: target)
    let bias = theirs.first { biases.contains($0.name) }?.values ?? []
    halfSilenced = half.map { channel in
      let value = Double(bias[channel])
      return HalfSilenced(channel: channel, bias: value, answersZero: isRectified && value <= 0)
    }
    // The rest of B', with the channels that are accounted for as they are in B.
    var rest = repaired.nodes[places[source]].layer
    let accounted = Set(silenced)
    rest.restore(channels: channels, of: badNet.nodes[source].layer, kernels: accounted.union(half), biases: accounted)
    differences = badNet.nodes.indices.flatMap { index -> [WeightDifference] in
      let (node, other) = (badNet.nodes[index], repaired.nodes[places[index]].layer)
      return zip(node.layer.weights, (index == source ? rest : other).weights).compactMap {
        WeightDifference(node.name, $0.name, $0.values, $1.values)
      }
    }
    self.layer = layer
    self.source = badNet.nodes[source].name
    isSilencedAtReaders = false
    self.channels = channels
    (layers, parameters) = (badNet.nodes.count, badNet.parameterCount)
  }
}

extension Network {
  /// Whether what is negative at node `source` is 0 at node `target`, which reads it through layers of one input.
  fileprivate func rectifies(from source: Int, to target: Int) -> Bool {
    var index = target
    while true {
      switch nodes[index].layer {
      case .convolution(let layer): if layer.activation == .relu { return true }
      case .dense(let layer): if layer.activation == .relu { return true }
      case .activation(let activation): if activation == .relu { return true }
      default: break
      }
      guard index != source, let input = nodes[index].inputs.first else { return false }
      index = input
    }
  }
}

extension Layer {
  /// Takes the weights of some channels, and the biases of some, from `original`, a layer of the same form.
  fileprivate mutating func restore(channels: Int, of original: Layer, kernels: Set<Int>, biases: Set<Int>) {
    func merged(_ own: [Float], _ original: [Float], _ taken: Set<Int>) -> [Float] {
      own.indices.map { taken.contains($0 % channels) ? original[$0] : own[$0] }
    }
    func merged(_ own: [Float]?, _ original: [Float]?, _ taken: Set<Int>) -> [Float]? {
      own.map { own in original.map { merged(own, $0, taken) } ?? own }
    }
    switch (self, original) {
    case (.convolution(var layer), .convolution(let original)):
      layer.kernel = merged(layer.kernel, original.kernel, kernels)
      layer.bias = merged(layer.bias, original.bias, biases)
      self = .convolution(layer)
    case (.dense(var layer), .dense(let original)):
      layer.kernel = merged(layer.kernel, original.kernel, kernels)
      layer.bias = merged(layer.bias, original.bias, biases)
      self = .dense(layer)
    case (.batchNormalization(var layer), .batchNormalization(let original)):
      layer.gamma = merged(layer.gamma, original.gamma, kernels)
      layer.beta = merged(layer.beta, original.beta, biases)
      self = .batchNormalization(layer)
    default: break
    }
  }
}
