/// The layers behind those that read a silenced map.
struct SweepRest: Sendable {
  private let network: Network
  private let pass: ForwardPass
  /// The dense layers among them, by node; none where there is a convolution too, which is better off in lanes.
  private let dense: [Int: SparseDense]
  /// Weights of these.
  let denseWeights: Int
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
    var denseWeights = 0
    for index in behind where !hasConvolution {
      guard case .dense(let layer) = network.nodes[index].layer else { continue }
      dense[index] = SparseDense(layer, kernels: kernels)
      denseWeights += layer.kernel.count
    }
    self.denseWeights = denseWeights
    var output = network.output
    while case .activation(.linear) = network.nodes[output].layer { output = network.nodes[output].inputs[0] }
    if let layer = dense[output], layer.activation == .linear, network.shapes[output].positions == 1 {
      last = (layer, network.nodes[output].inputs[0])
      behind.removeAll { $0 >= output }
    } else {
      last = nil
    }
    self.dense = dense
    plan = behind
  }

  /// Whether all that reads the node, flattened or not, is dense layers that take sparse rows.
  func readsSparsely(_ node: Int) -> Bool {
    let aliases = network.aliases(of: node)
    return !aliases.contains(network.output)
      && aliases.allSatisfy { alias in
        network.readers(of: alias).allSatisfy { reader in
          aliases.contains(reader) || (dense[reader] != nil && network.shapes[reader].positions == 1)
        }
      }
  }

  /// How many columns of the node's rows the layers that read it take at a time.
  func columnsAtOnce(_ node: Int) -> Int {
    let readers = network.aliases(of: node).flatMap { network.readers(of: $0) }
    return readers.compactMap { dense[$0]?.inputsAtOnce }.min() ?? network.shapes[node].count
  }

  /// The predicted class of each row.
  /// - Parameters:
  ///   - given: (rows, …) by node.
  ///   - sparse: the same for nodes that `readsSparsely` holds for.
  func classes(_ given: [Int: Tensor], _ sparse: [Int: SparseRows]) throws -> [Int32] {
    guard !dense.isEmpty else {
      let logits = try pass.values(of: [network.output], given: given)
      return logits[0].largestIndices.map(Int32.init)
    }
    var values = given
    var sparse = sparse
    func rows(_ input: Int, of layer: SparseDense) -> SparseRows? {
      sparse[input] ?? values[input].map { layer.rows($0.values) }
    }
    for index in plan where values[index] == nil {
      let node = network.nodes[index]
      if let input = node.inputs.first, let rows = sparse[input], dense[index] == nil {
        // Flattened, or left alone: the same numbers under another name.
        sparse[index] = rows
        continue
      }
      if let layer = dense[index], network.shapes[index].positions == 1, let rows = rows(node.inputs[0], of: layer) {
        values[index] = Tensor(count: rows.rows, shape: network.shapes[index], values: layer.forward(rows))
        continue
      }
      let inputs = node.inputs.compactMap { values[$0] }
      guard inputs.count == node.inputs.count, !inputs.isEmpty else {
        throw NetworkError(node.name, found: "no value for its input", expected: "the values before it")
      }
      values[index] = try node.layer.forward(inputs, shape: network.shapes[index])
    }
    if let last, let rows = rows(last.input, of: last.layer) {
      if rows.partCount == 1 { return last.layer.largestIndices(rows) }
      values[network.output] = Tensor(
        count: rows.rows, shape: network.shapes[network.output], values: last.layer.forward(rows))
    }
    return values[network.output]?.largestIndices.map(Int32.init) ?? []
  }
}
