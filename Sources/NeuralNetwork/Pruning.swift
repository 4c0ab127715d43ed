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
    do {
      let source = try channelSource(of: target)
      guard let silenced = nodes[source].layer.silencing(pruned) else { throw notPrunable(target, at: source) }
      return replacing(source, by: silenced)
    } catch let error as NetworkError {
      // Where nothing makes them 0, whatever reads them can answer as if they were.
      return try silencingReaders(of: target, pruned) ?? { throw error }()
    }
  }

  /// The layer whose weights make the channels of node `target`, found by walking back through layers that treat
  /// each channel by itself and keep 0 at 0.
  public func channelSource(of target: Int) throws -> Int {
    var index = target
    while true {
      let node = nodes[index]
      guard node.layer.finalActivation.keepsZero else { throw notPrunable(target, at: index) }
      switch node.layer {
      case .convolution, .dense, .batchNormalization:
        guard !node.isShared else { throw notPrunable(target, at: index) }
        return index
      case .pooling, .activation, .dropout, .globalAveragePooling: break
      case .operation(let box):
        if box.operation.silencing([]) != nil {
          guard !node.isShared else { throw notPrunable(target, at: index) }
          return index
        }
        guard node.inputs.count == 1, box.keepsChannels(of: shapes[node.inputs[0]]) else {
          throw notPrunable(target, at: index)
        }
      default: throw notPrunable(target, at: index)
      }
      let input = node.inputs[0]
      guard readers(of: input).count == 1 else { throw notPrunable(target, at: input) }
      index = input
    }
  }

  /// A copy in which whatever reads the layer answers as if channels of it were 0; nil where something cannot.
  private func silencingReaders(of target: Int, _ channels: Set<Int>) throws -> Network? {
    guard target > 0, !readers(of: target).isEmpty else { return nil }
    var copy = self
    var waiting = [(node: target, channels: channels)]
    while let (index, channels) = waiting.popLast() {
      guard index != output else { return nil }
      for reader in readers(of: index) {
        let layer = copy.nodes[reader].layer
        if let silenced = layer.silencingInput(channels) {
          guard !nodes[reader].isShared else { return nil }
          copy = copy.replacing(reader, by: silenced)
          continue
        }
        let input = shapes[index]
        switch layer {
        case .dropout, .pooling, .globalAveragePooling: waiting.append((reader, channels))
        case .activation(let activation) where activation.keepsZero && activation.isElementwise:
          waiting.append((reader, channels))
        case .rescaling(_, let offset) where offset.allSatisfy({ $0 == 0 }): waiting.append((reader, channels))
        case .flatten:
          let places = (0..<input.positions).flatMap { position in channels.map { position * input.channels + $0 } }
          waiting.append((reader, Set(places)))
        case .concatenate(let axis) where axis == input.dimensions.count - 1:
          var start = 0
          for other in nodes[reader].inputs {
            if other == index { waiting.append((reader, Set(channels.map { $0 + start }))) }
            start += shapes[other].channels
          }
        case .operation(let box)
        where box.keepsChannels(of: input) && (nodes[reader].inputs.count == 1 || box.operation.channels == .zeroOfAny):
          guard box.operation.activation.keepsZero else { return nil }
          waiting.append((reader, channels))
        default: return nil
        }
      }
    }
    return copy
  }

  private func notPrunable(_ target: Int, at blocker: Int) -> NetworkError {
    NetworkError(
      nodes[target].name,
      found: "its channels cannot be silenced by zeroing weights, because of \(nodes[blocker].name)",
      expected: "a layer whose channels come from one convolution or dense layer that nothing else reads")
  }
}

extension AnyOperation {
  /// Whether each channel of the output is 0 where that of an input is.
  fileprivate func keepsChannels(of input: Shape) -> Bool {
    if let reduction = operation as? Reduction {
      return reduction.kind != .product && reduction.keepsChannels(of: input)
    }
    return operation.channels != .mixes
  }
}

extension Layer {
  fileprivate func silencing(_ channels: Set<Int>) -> Layer? {
    switch self {
    case .convolution(let layer): .convolution(layer.silencing(channels))
    case .dense(let layer): .dense(layer.silencing(channels))
    case .batchNormalization(let layer): layer.silencing(channels).map(Layer.batchNormalization)
    case .operation(let box): box.operation.silencing(channels).map { .operation(AnyOperation($0)) }
    default: nil
    }
  }

  /// A copy that answers as if channels of its input were 0; nil for a layer without weights that can do so.
  fileprivate func silencingInput(_ channels: Set<Int>) -> Layer? {
    switch self {
    case .convolution(var layer):
      for index in layer.kernel.indices
      where !channels.isEmpty && channels.contains(index / layer.filters % layer.inputChannels) {
        layer.kernel[index] = 0
      }
      return .convolution(layer)
    case .dense(var layer):
      for channel in channels {
        for unit in 0..<layer.units { layer.kernel[channel * layer.units + unit] = 0 }
      }
      return .dense(layer)
    case .batchNormalization(var layer):
      guard let gamma = layer.gamma, let beta = layer.beta else { return nil }
      for channel in channels {
        let factor = gamma[channel] / (layer.variance[channel] + layer.epsilon).squareRoot()
        layer.beta?[channel] = beta[channel] - layer.mean[channel] * factor
        layer.gamma?[channel] = 0
      }
      return .batchNormalization(layer)
    case .operation(let box): return box.operation.silencingInput(channels).map { .operation(AnyOperation($0)) }
    default: return nil
    }
  }
}
