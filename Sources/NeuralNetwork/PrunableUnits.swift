/// A layer whose channels can be silenced, and what makes them.
public struct PrunableUnit: Equatable, Sendable {
  /// Index of the layer whose output is silenced, and its name.
  public let layer: Int, name: String
  /// C.
  public let channels: Int
  /// Index of the layer whose weights make the channels: a normalisation where one follows the convolution; nil where
  /// only what reads them can answer as if they were 0.
  public let source: Int?
  /// Index of the convolution (or dense layer) itself.
  public let convolution: Int?
  /// Index of the batch normalisation that alone reads it, where there is one.
  public let normalization: Int?
}

extension Network {
  /// The layer at `index` as something to prune.
  /// - Throws: `NetworkError` where its channels cannot be silenced.
  public func prunableUnit(_ index: Int) throws -> PrunableUnit {
    _ = try pruning([], of: nodes[index].name)
    let source = (try? channelSource(of: index)).flatMap { nodes[$0].layer.channelWeights == nil ? nil : $0 }
    var (convolution, normalization) = (source, Int?.none)
    if let source, case .batchNormalization = nodes[source].layer {
      normalization = source
      let input = nodes[source].inputs[0]
      let isAlone = readers(of: input).count == 1 && nodes[input].layer.isConvolution && !nodes[input].isShared
      convolution = isAlone && nodes[input].layer.finalActivation == .linear ? input : nil
    }
    return PrunableUnit(
      layer: index, name: nodes[index].name, channels: shapes[index].channels, source: source,
      convolution: convolution, normalization: normalization)
  }

  /// Every convolution whose channels can be silenced by its own weights or those of the normalisation that follows it, in
  /// the order of the graph: what defences that look at the whole network prune.
  public var prunableUnits: [PrunableUnit] {
    nodes.indices.compactMap { index in
      guard nodes[index].layer.isConvolution, !nodes[index].isShared, index != output,
        shapes[index].dimensions.count == 3, !readers(of: index).isEmpty
      else { return nil }
      let readers = readers(of: index)
      if readers.count == 1, case .batchNormalization = nodes[readers[0]].layer, readers[0] != output,
        let unit = try? prunableUnit(readers[0]), unit.convolution == index
      {
        return unit
      }
      return (try? prunableUnit(index)).flatMap { $0.source == index ? $0 : nil }
    }
  }
}

extension Layer {
  /// Whether it is a convolution with a kernel that ends in its channels.
  package var isConvolution: Bool {
    switch self {
    case .convolution: true
    case .operation(let box): box.operation is GroupedConvolution
    default: false
    }
  }
}
