/// The layers behind those that read a silenced map.
struct SweepRest: Sendable {
  private let network: Network
  private let pass: ForwardPass
  /// The dense layers among them, by node; none where there is a convolution too, which is better off in lanes.
  private let dense: [Int: SparseDense]
  /// What is computed, in order, up to the input of the last layer or the output itself.
  private let plan: [Int]
  /// The last layer, where it is a dense one, and whose value it reads.
  private let last: (layer: SparseDense, input: Int)?

  /// - Parameter given: the nodes whose values will be handed in; more may be.
  init(_ network: Network, behind given: [Int], kernels: Kernels) {
    self.network = network
    pass = ForwardPass(network, threads: 1, kernels: kernels)
    var depends = Set(given)
    var behind: [Int] = []
    for (index, node) in network.nodes.enumerated() where !depends.contains(index) {
      guard node.inputs.contains(where: depends.contains) else { continue }
      depends.insert(index)
      behind.append(index)
    }
    let hasConvolution = behind.contains {
      if case .convolution = network.nodes[$0].layer { true } else { false }
    }
    var dense: [Int: SparseDense] = [:]
    for index in behind where !hasConvolution {
      if case .dense(let layer) = network.nodes[index].layer { dense[index] = SparseDense(layer, kernels: kernels) }
    }
    let output = network.output
    if let layer = dense[output], layer.activation == .linear, network.shapes[output].positions == 1 {
      last = (layer, network.nodes[output].inputs[0])
      behind.removeAll { $0 == output }
    } else {
      last = nil
    }
    self.dense = dense
    plan = behind
  }

  /// The predicted class of each row.
  /// - Parameter given: (rows, …) by node.
  func classes(_ given: [Int: Tensor]) throws -> [Int32] {
    guard !dense.isEmpty else {
      let logits = try pass.values(of: [network.output], given: given)
      return logits[0].largestIndices.map(Int32.init)
    }
    var values = given
    for index in plan where values[index] == nil {
      let node = network.nodes[index]
      let inputs = node.inputs.compactMap { values[$0] }
      guard inputs.count == node.inputs.count, let first = inputs.first else {
        throw NetworkError(node.name, found: "no value for its input", expected: "the values before it")
      }
      let shape = network.shapes[index]
      if let layer = dense[index], shape.positions == 1 {
        let rows = SparseRows(first.values, width: first.shape.count)
        values[index] = Tensor(count: first.count, shape: shape, values: layer.forward(rows))
      } else {
        values[index] = try node.layer.forward(inputs, shape: shape)
      }
    }
    if let last, let input = values[last.input] {
      return last.layer.largestIndices(SparseRows(input.values, width: input.shape.count))
    }
    return values[network.output]?.largestIndices.map(Int32.init) ?? []
  }
}
