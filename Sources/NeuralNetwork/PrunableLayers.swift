extension Network {
  /// Whether channels of the layer at `index` can be silenced (`pruning`).
  public func isPrunable(_ index: Int) -> Bool { (try? pruning([], of: nodes[index].name)) != nil }

  /// The layer that is pruned where none is named: the last one whose channels are maps and that everything on the way from
  /// the images to the classes passes through. nil where there is none.
  public var defaultPrunedLayer: Int? {
    var isMap = [true]
    for (index, node) in nodes.enumerated().dropFirst() {
      isMap.append(node.inputs.contains { isMap[$0] } && !node.layer.endsMaps && shapes[index].dimensions.count == 3)
    }
    // How far back the nodes behind one read.
    var furthest = nodes.count
    for index in nodes.indices.reversed().dropLast() {
      if furthest >= index, isMap[index], !nodes[index].layer.isIdentity, isPrunable(index) { return index }
      furthest = nodes[index].inputs.reduce(furthest, min)
    }
    return nil
  }
}

extension Layer {
  /// Whether it does nothing outside training.
  fileprivate var isIdentity: Bool { if case .dropout = self { true } else { false } }

  /// Whether what it answers is no map any more, though it may have three axes.
  fileprivate var endsMaps: Bool {
    switch self {
    case .globalAveragePooling, .flatten: true
    case .operation(let box):
      box.operation is Reduction || box.operation is Reshaping || box.operation is Permutation
        || box.operation is MatrixProduct
    default: false
    }
  }
}
