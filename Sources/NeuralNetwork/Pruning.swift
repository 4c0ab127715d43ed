extension Network {
  /// A copy in which channels of a layer's output are 0 for every image: the filters (or units, or normalisation
  /// factors) that make them are zeroed, and nothing else changes.
  ///
  /// - Parameters:
  ///   - channels: indices into the last axis of the layer's output.
  ///   - name: the layer whose output is silenced.
  /// - Throws: `NetworkError` where no single layer's weights make these channels, or a function between would turn
  ///   their 0 into something else.
  public func pruning(_ channels: some Sequence<Int>, of name: String) throws -> Network {
    let pruned = Set(channels)
    let target = try index(of: name)
    if let wrong = pruned.first(where: { !(0..<shapes[target].channels).contains($0) }) {
      throw NetworkError(name, found: "no channel \(wrong)", expected: "0...\(shapes[target].channels - 1)")
    }
    let source = try channelSource(of: target)
    let layer = nodes[source].layer
    guard let silenced = layer.silencing(pruned) else { throw notPrunable(target, at: source) }
    return replacing(source, by: silenced)
  }

  /// The layer whose weights make the channels of node `target`, found by walking back through layers that treat
  /// each channel by itself and keep 0 at 0.
  public func channelSource(of target: Int) throws -> Int {
    var index = target
    while true {
      let node = nodes[index]
      guard node.layer.finalActivation.keepsZero else { throw notPrunable(target, at: index) }
      switch node.layer {
      case .convolution, .dense, .batchNormalization: return index
      case .pooling, .activation, .dropout, .globalAveragePooling:
        let input = node.inputs[0]
        guard readers(of: input).count == 1 else { throw notPrunable(target, at: input) }
        index = input
      default: throw notPrunable(target, at: index)
      }
    }
  }

  private func notPrunable(_ target: Int, at blocker: Int) -> NetworkError {
    NetworkError(
      nodes[target].name,
      found: "its channels cannot be silenced by zeroing weights, because of \(nodes[blocker].name)",
      expected: "a layer whose channels come from one convolution or dense layer that nothing else reads")
  }
}

extension Layer {
  fileprivate func silencing(_ channels: Set<Int>) -> Layer? {
    switch self {
    case .convolution(let layer): .convolution(layer.silencing(channels))
    case .dense(let layer): .dense(layer.silencing(channels))
    case .batchNormalization(let layer): layer.silencing(channels).map(Layer.batchNormalization)
    default: nil
    }
  }
}
