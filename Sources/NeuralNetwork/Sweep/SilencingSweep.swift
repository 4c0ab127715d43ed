import Threads

/// What a network predicts while the channels of one layer are silenced one after the other.
///
/// Only what lies behind the layer is computed. It starts with all channels silenced and lets them back in, last one first:
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
  private let readers: [LinearReader]
  /// By reader: whether only dense layers read it, which take rows of what is not 0.
  private let isSparse: [Bool]
  /// Whether a later layer reads the map itself.
  private let needsMap: Bool
  private let rest: SweepRest

  private static let imagesAtOnce = 16
  /// Numbers that wait for the rest of the network at a time (512 KB, so that they stay in the cache).
  private static let waitingNumbers = 1 << 17

  /// - Parameter layer: index of a node.
  package init(_ network: Network, layer: Int, threads: Int) throws {
    try self.init(network, layer: layer, threads: threads, kernels: Kernels.available[0])
  }

  /// - Parameter kernels: of an instruction set that this processor has.
  package init(_ network: Network, layer: Int, threads: Int, kernels: Kernels) throws {
    let network = network.logitsNetwork
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
    let blocks = (count + Self.imagesAtOnce - 1) / Self.imagesAtOnce
    let parts = try parallelMap(blocks, threads: threads) { block in
      let range = block * Self.imagesAtOnce..<min(count, (block + 1) * Self.imagesAtOnce)
      return try self.block(values.mapValues { $0.images(range) }, order: order)
    }
    return (0...order.count).map { step in parts.flatMap { $0[step] } }
  }

  private func block(_ values: [Int: Tensor], order: [Int]) throws -> [[Int32]] {
    guard let map = values[layer] else { return [] }
    let images = map.count
    var sums = readers.map { reader in (0..<images).flatMap { _ in reader.silence } }
    var shown = Tensor(zeros: needsMap ? images : 0, shape: map.shape)
    var classes = [[Int32]](repeating: [Int32](repeating: 0, count: images), count: order.count + 1)
    var changed = [[Bool]](repeating: [Bool](repeating: true, count: images), count: order.count + 1)

    var waiting = Waiting(readers: readers.count)
    func flush() throws {
      guard !waiting.places.isEmpty else { return }
      var given = values.filter { $0.key != layer }.mapValues { $0.rows(waiting.places.map(\.image)) }
      var sparse: [Int: SparseRows] = [:]
      for (index, reader) in readers.enumerated() {
        if isSparse[index] {
          sparse[reader.node] = waiting.rows[index]
        } else {
          given[reader.node] = Tensor(
            count: waiting.places.count, shape: network.shapes[reader.node], values: waiting.outputs[index])
        }
      }
      if needsMap { given[layer] = Tensor(count: waiting.places.count, shape: map.shape, values: waiting.maps) }
      for (place, found) in zip(waiting.places, try rest.classes(given, sparse)) {
        classes[place.step][place.image] = found
      }
      waiting = Waiting(readers: readers.count)
    }
    func show(_ step: Int, _ shownImages: [Int]) throws {
      for (index, reader) in readers.enumerated() {
        if isSparse[index] {
          reader.appendOutputs(of: sums[index], images: shownImages, to: &waiting.rows[index])
        } else {
          reader.appendOutputs(of: sums[index], images: shownImages, to: &waiting.outputs[index])
        }
      }
      if needsMap { for image in shownImages { waiting.maps += shown.images(image..<image + 1).values } }
      for image in shownImages { waiting.places.append((step, image)) }
      if waiting.count > Self.waitingNumbers { try flush() }
    }

    try show(order.count, Array(0..<images))
    for step in order.indices.reversed() {
      if needsMap { changed[step] = shown.copyChannel(order[step], from: map) }
      for (index, reader) in readers.enumerated() {
        changed[step] = reader.add(order[step], of: map, to: &sums[index])
      }
      let changedImages = (0..<images).filter { changed[step][$0] }
      if !changedImages.isEmpty { try show(step, changedImages) }
    }
    try flush()
    for step in order.indices.reversed() {
      for image in 0..<images where !changed[step][image] { classes[step][image] = classes[step + 1][image] }
    }
    return classes
  }
}

/// Outputs of the layers that read the map, waiting for the layers behind them.
private struct Waiting {
  /// By reader: (places, outputs), in one form or the other.
  var outputs: [[Float]]
  var rows: [SparseRows]
  /// (places, H, W, C), where a later layer reads the map itself.
  var maps: [Float] = []
  /// The step, counted in silenced channels, and the image of each.
  var places: [(step: Int, image: Int)] = []

  init(readers: Int) {
    outputs = [[Float]](repeating: [], count: readers)
    rows = [SparseRows](repeating: SparseRows(), count: readers)
  }

  var count: Int { rows.reduce(outputs.reduce(maps.count) { $0 + $1.count }) { $0 + $1.values.count } }
}

extension Tensor {
  /// Copies of some images, each as often as it is named.
  fileprivate func rows(_ rows: [Int]) -> Tensor {
    let size = shape.count
    return Tensor(count: rows.count, shape: shape, values: rows.flatMap { values[$0 * size..<($0 + 1) * size] })
  }

  /// Sets a channel of every image; answers for each whether that changed anything.
  fileprivate mutating func copyChannel(_ channel: Int, from other: Tensor) -> [Bool] {
    let size = shape.count
    return (0..<count).map { image in
      var changes = false
      for index in stride(from: image * size + channel, to: (image + 1) * size, by: shape.channels)
      where other.values[index] != 0 {
        values[index] = other.values[index]
        changes = true
      }
      return changes
    }
  }
}

extension Network {
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
      case .flatten, .dropout: aliases.insert(index)
      default: break
      }
    }
    return aliases
  }
}
