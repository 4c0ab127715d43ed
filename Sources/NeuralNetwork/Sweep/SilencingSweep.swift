import Threads

/// What a network predicts while the channels of one layer are silenced one after the other.
///
/// Only the layers after it are computed. It starts with all channels silenced and lets them back in, last one first:
/// sums in which a channel is one summand grow by it, and at every step they are sums of the same numbers as those of the
/// pruned network, in another order, with nothing subtracted that would leave a rest. A channel that does not fire on an
/// image costs that image nothing, and zeros behind a rectifier are left out of the products that follow.
package struct SilencingSweep: Sendable {
  /// The network, up to its logits.
  package let network: Network
  /// Index of the silenced layer.
  package let layer: Int
  /// The nodes whose values the sweep needs: the silenced one first, then what goes past it to later layers.
  package let frontier: [Int]

  private let threads: Int
  let readers: [LinearReader]
  /// By reader: whether only dense layers read it, which take rows of what is not 0.
  let isSparse: [Bool]
  /// Whether a later layer reads the map itself.
  let needsMap: Bool
  let rest: SweepRest

  /// Images whose channels come back in step by step, and how many times as many one thread takes before the next.
  private static let imagesAtOnce = 16, blocksAtOnce = 4

  /// - Parameter layer: index of a node.
  package init(_ network: Network, layer: Int, threads: Int) throws {
    try self.init(network, layer: layer, threads: threads, kernels: Kernels.chosen)
  }

  /// - Parameter kernels: of an instruction set that this processor has.
  package init(_ network: Network, layer: Int, threads: Int, kernels: Kernels) throws {
    let network = network.logitsNetwork.joiningActivations(behind: layer)
    (self.network, self.layer, self.threads) = (network, layer, threads)
    frontier = network.frontier(behind: layer)
    let aliases = network.aliases(of: layer)
    var readers: [LinearReader] = []
    var needsMap = aliases.contains(network.output)
    for node in network.nodes.indices where !aliases.contains(node) {
      guard let input = network.nodes[node].inputs.first(where: aliases.contains) else { continue }
      if let reader = try LinearReader(
        network, node: node, map: network.shapes[layer], input: network.shapes[input], kernels: kernels)
      {
        readers.append(reader)
      } else {
        needsMap = true
      }
    }
    self.readers = readers
    self.needsMap = needsMap || readers.isEmpty
    let rest = SweepRest(network, behind: readers.map(\.node) + (self.needsMap ? [layer] : []), kernels: kernels)
    self.rest = rest
    isSparse = readers.map { $0.canBeSparse && rest.readsSparsely($0.node) }
  }

  /// Predictions after 0, 1 … C channels of `order` are silenced.
  /// - Parameters:
  ///   - values: of the frontier's nodes, for N images each.
  ///   - order: each channel once.
  /// - Returns: C + 1 lists of N classes.
  package func predictions(_ values: [Int: Tensor], order: [Int]) throws -> [[Int32]] {
    let count = values[layer]?.count ?? 0
    let silent = try silentClass(order)
    let rows = Self.imagesAtOnce * Self.blocksAtOnce
    let parts = try parallelMap((count + rows - 1) / rows, threads: threads) { part in
      var sweep = BlockSweep(self, order: order, images: Self.imagesAtOnce)
      var classes = [[Int32]](repeating: [], count: order.count + 1)
      let end = min(count, (part + 1) * rows)
      for first in stride(from: part * rows, to: end, by: Self.imagesAtOnce) {
        let block = values.mapValues { $0.images(first..<min(end, first + Self.imagesAtOnce)) }
        for (step, found) in try sweep.run(block, silent: silent).enumerated() { classes[step] += found }
      }
      return classes
    }
    return (0...order.count).map { step in parts.flatMap { $0[step] } }
  }

  /// What is predicted with all channels silenced; nil where something goes past the layer, and each image may differ.
  private func silentClass(_ order: [Int]) throws -> Int32? {
    guard frontier == [layer] else { return nil }
    var sweep = BlockSweep(self, order: order, images: 1)
    return try sweep.run([layer: Tensor(zeros: 1, shape: network.shapes[layer])])[order.count][0]
  }
}

extension Network {
  /// The network with activations that alone read a dense layer or a convolution joined to it; in their place the same numbers
  /// pass.
  /// - Parameter layer: what is before it stays as it is.
  fileprivate func joiningActivations(behind layer: Int) -> Network {
    var joined = self
    for index in nodes.indices where index > layer {
      guard case .activation(let activation) = nodes[index].layer, let input = nodes[index].inputs.first,
        input > layer, readers(of: input) == [index]
      else { continue }
      switch nodes[input].layer {
      case .dense(var dense) where dense.activation == .linear:
        dense.activation = activation
        joined = joined.replacing(input, by: .dense(dense))
      case .convolution(var convolution) where convolution.activation == .linear:
        convolution.activation = activation
        joined = joined.replacing(input, by: .convolution(convolution))
      default: continue
      }
      joined = joined.replacing(index, by: .activation(.linear))
    }
    return joined
  }

  /// The layer, and every node that does not depend on it but is read by one that does.
  fileprivate func frontier(behind layer: Int) -> [Int] {
    var depends: Set<Int> = [layer]
    var frontier = [layer]
    for index in nodes.indices where index > layer {
      guard nodes[index].inputs.contains(where: depends.contains) else { continue }
      depends.insert(index)
      for input in nodes[index].inputs where !depends.contains(input) && !frontier.contains(input) {
        frontier.append(input)
      }
    }
    return frontier
  }

  /// The nodes that hold the same numbers as `layer`, in the same order.
  func aliases(of layer: Int) -> Set<Int> {
    var aliases: Set<Int> = [layer]
    for (index, node) in nodes.enumerated() where node.inputs.contains(where: aliases.contains) {
      switch node.layer {
      case .flatten, .dropout, .activation(.linear): aliases.insert(index)
      default: break
      }
    }
    return aliases
  }
}
