import Threads

/// Runs a network: the one way from images to logits and predictions.
///
/// Images are taken in blocks of a fixed size, and each block is computed by one thread, so that the numbers do not
/// depend on how many threads there are.
public struct ForwardPass: Sendable {
  /// The network, up to its logits.
  public let network: Network
  /// How many threads may work at once.
  public let threads: Int

  /// Images of a block: as many as fill the lanes and share the weights that a block reads; fewer where a layer's values for
  /// so many take more memory than all weights, and would leave the cache before the next layer reads them.
  private let blockSize: Int
  private let layers: LaneLayers
  private let rowLayers: RowLayers
  /// nil for the plain layers alone.
  private let imageLayers: Lazily<ImageLayers>?

  /// A pass through `network` on up to `threads` threads.
  public init(_ network: Network, threads: Int) {
    self.init(network, threads: threads, kernels: Kernels.chosen)
  }

  /// - Parameter kernels: nil for the plain layers alone.
  package init(_ network: Network, threads: Int, kernels: Kernels?) {
    self.network = network.logitsNetwork
    self.threads = threads
    layers = LaneLayers(self.network, kernels: kernels)
    rowLayers = RowLayers(self.network, kernels: kernels)
    let network = self.network
    let largest = self.network.shapes.map(\.count).max() ?? 0
    blockSize = layers.convolutions.isEmpty && 32 * largest > self.network.parameterCount ? 8 : 32
    imageLayers = kernels.map { kernels in Lazily { ImageLayers(network, kernels: kernels.forOneImage) } }
  }

  /// (N, classes) before the softmax.
  /// - Parameter images: (N, H, W, C), already scaled as the network expects.
  public func logits(of images: Tensor) throws -> Tensor {
    try values(of: [network.output], given: [0: images])[0]
  }

  /// The values of some nodes, computed from those of others.
  ///
  /// - Parameters:
  ///   - wanted: indices of nodes.
  ///   - given: values of nodes, all with the same N; what lies before them is not computed again.
  /// - Returns: one tensor for each wanted node.
  public func values(of wanted: [Int], given: [Int: Tensor]) throws -> [Tensor] {
    let count = given.values.first?.count ?? 0
    for (index, tensor) in given where tensor.count != count || tensor.shape != network.shapes[index] {
      throw NetworkError(
        network.nodes[index].name, found: "\(tensor.count) values of shape \(tensor.shape)",
        expected: "\(count) of shape \(network.shapes[index])")
    }
    let plan = plan(to: wanted, from: Set(given.keys))
    let blocks = (count + blockSize - 1) / blockSize
    let imageLayers = count < LaneLayers.fewestImages ? imageLayers?() : nil
    let shapes = wanted.map { network.shapes[$0] }
    let values = try arrays(shapes.map { count * $0.count }) { results in
      // Threads write disjoint images.
      nonisolated(unsafe) let results = results
      // With few images threads share each layer, and wait but briefly for the next one.
      try keepingThreadsAwake(imageLayers == nil ? 1 : threads) {
        _ = try parallelMap(blocks, threads: threads) { block in
          let range = block * blockSize..<min(count, (block + 1) * blockSize)
          let part = try run(
            plan, given: given.mapValues { NodeValue($0, images: range) }, wanted: wanted, imageLayers: imageLayers)
          for (result, value) in zip(results, part) {
            (result + range.lowerBound * value.shape.count).update(from: value.values, count: value.values.count)
          }
        }
      }
    }
    return zip(shapes, values).map { Tensor(count: count, shape: $0, values: $1) }
  }

  /// A node to compute.
  private struct Step {
    let node: Int
    /// The pool that is computed together with it, and instead of it.
    let pool: Int?
    /// What is computed together with a wide convolution, and instead of it.
    let chain: RowLayers.Chain?
    /// The values that it reads.
    let reads: [Int]
    /// The values that nothing needs after it.
    var forgets: [Int] = []
  }

  private func plan(to wanted: [Int], from given: Set<Int>) -> [Step] {
    var needed = Set(wanted).subtracting(given)
    for index in network.nodes.indices.reversed() where needed.contains(index) {
      needed.formUnion(network.nodes[index].inputs.filter { !given.contains($0) })
    }
    var steps: [Step] = []
    var done = Set<Int>()
    for index in needed.sorted() where !done.contains(index) {
      let pool = wanted.contains(index) ? nil : layers.pools[index].flatMap { needed.contains($0) ? $0 : nil }
      let chain = rowLayers.chain(from: index, needed: needed, wanted: Set(wanted))
      done.formUnion([pool].compactMap { $0 } + (chain?.nodes ?? []))
      steps.append(
        Step(
          node: index, pool: pool, chain: chain,
          reads: network.nodes[index].inputs + [chain?.adds].compactMap { $0 }))
    }
    var used = Set(wanted)
    for step in steps.indices.reversed() {
      steps[step].forgets = steps[step].reads.filter { used.insert($0).inserted }
    }
    return steps
  }

  /// - Parameter imageLayers: for a few images; nil for many, or for the plain layers alone.
  private func run(
    _ plan: [Step], given: [Int: NodeValue], wanted: [Int], imageLayers: ImageLayers?
  ) throws -> [Tensor] {
    var values = [NodeValue?](repeating: nil, count: network.nodes.count)
    for (index, value) in given { values[index] = value }
    for step in plan {
      let (index, first) = (step.node, network.nodes[step.node].inputs.first ?? step.node)
      let (target, shape) = (step.pool ?? index, network.shapes[step.pool ?? index])
      if let chain = step.chain, let input = values[first]?.asRows() {
        values[chain.last] = NodeValue(
          try rowLayers.value(
            of: chain, input, added: chain.adds.flatMap { values[$0]?.asRows() },
            threads: imageLayers == nil ? 1 : threads))
      } else if let imageLayers {
        if let convolution = imageLayers.convolutions[index], let input = values[first]?.asRows() {
          values[target] = NodeValue(
            convolution.forward(input, pools: step.pool != nil, shape: shape, threads: threads))
        } else if let dense = imageLayers.dense[index], let input = values[first]?.asRows() {
          let output = dense.forward(dense.rows(input.values))
          values[index] = NodeValue(Tensor(count: input.count, shape: shape, values: output))
        } else {
          values[index] = NodeValue(try plain(index, &values))
        }
      } else if let convolution = layers.convolutions[index],
        let input = values[first]?.asLanes(layers.lanes, layers.store)
      {
        if step.pool != nil, let winograd = layers.winograd[index] {
          values[target] = NodeValue(
            winograd.forward(input, keepsOutput: false, pooled: shape, store: layers.store).pooled)
        } else {
          let pooled = step.pool.map { network.shapes[$0] }
          let result = convolution.forward(
            input, keepsOutput: pooled == nil, pooled: pooled, store: layers.store)
          values[target] = (result.pooled ?? result.output).map { NodeValue($0) }
        }
      } else {
        values[index] = NodeValue(try plain(index, &values))
      }
      for input in step.forgets { values[input] = nil }
    }
    return wanted.compactMap { values[$0]?.asRows() }
  }

  /// A node's value by the plain layer.
  private func plain(_ index: Int, _ values: inout [NodeValue?]) throws -> Tensor {
    let node = network.nodes[index]
    let inputs = node.inputs.compactMap { values[$0]?.asRows() }
    guard inputs.count == node.inputs.count, !inputs.isEmpty else {
      throw NetworkError(node.name, found: "no value for its input", expected: "images or the values before it")
    }
    return try node.layer.forward(inputs, shape: network.shapes[index])
  }
}

extension Tensor {
  /// The index of each image's largest value; of equal ones the lowest.
  public var largestIndices: [Int] {
    let size = shape.count
    return values.withUnsafeBufferPointer { values in
      (0..<count).map { image in
        var best = 0
        let row = image * size
        for index in 1..<max(size, 1) where values[row + index] > values[row + best] { best = index }
        return best
      }
    }
  }
}
