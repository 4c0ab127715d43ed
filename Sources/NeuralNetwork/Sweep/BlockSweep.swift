/// A sweep over a few images.
struct BlockSweep {
  private let sweep: SilencingSweep
  /// Of the frontier's nodes, for these images.
  private let values: [Int: Tensor]
  /// (N, H, W, C), of the silenced layer.
  private let map: Tensor
  private let order: [Int]

  /// What the images show now, and what each showed last, as long as that waits for a second: rows go two by two, and of one
  /// image, because these are alike.
  private var now: State, earlier: State
  /// (N): the steps of those that wait.
  private var earlierSteps: [Int?]
  private var waiting: Waiting
  /// (steps, N): the predictions, and whether a step changed anything.
  private var classes: [[Int32]]
  private var changed: [[Bool]]

  /// Numbers that wait for the rest of the network at a time (512 KB, so that they stay in the cache).
  private static let waitingNumbers = 1 << 17

  /// - Parameters:
  ///   - values: of the frontier's nodes, the silenced layer's among them.
  ///   - order: each channel once.
  init(_ sweep: SilencingSweep, _ values: [Int: Tensor], order: [Int]) {
    self.sweep = sweep
    self.values = values
    self.order = order
    let shape = sweep.network.shapes[sweep.layer]
    map = values[sweep.layer] ?? Tensor(zeros: 0, shape: shape)
    let images = map.count
    now = State(
      sums: sweep.readers.map { reader in (0..<images).flatMap { _ in reader.silence } },
      map: Tensor(zeros: sweep.needsMap ? images : 0, shape: shape))
    earlier = now
    earlierSteps = [Int?](repeating: nil, count: images)
    waiting = Waiting(readers: sweep.readers.count)
    classes = [[Int32]](repeating: [Int32](repeating: 0, count: images), count: order.count + 1)
    changed = [[Bool]](repeating: [Bool](repeating: true, count: images), count: order.count + 1)
  }

  /// Predictions after 0, 1 … C channels are silenced: C + 1 lists of N classes.
  mutating func run() throws -> [[Int32]] {
    let images = 0..<map.count
    for image in images { try show(order.count, image) }
    for step in order.indices.reversed() {
      if sweep.needsMap { changed[step] = now.map.copyChannel(order[step], from: map) }
      for (index, reader) in sweep.readers.enumerated() {
        changed[step] = reader.add(order[step], of: map, to: &now.sums[index])
      }
      for image in images where changed[step][image] { try show(step, image) }
    }
    // What nothing followed is shown twice.
    for image in images { if let step = earlierSteps[image] { try show(step, image) } }
    try flush()
    for step in order.indices.reversed() {
      for image in images where !changed[step][image] { classes[step][image] = classes[step + 1][image] }
    }
    return classes
  }

  /// Lets an image wait for its prediction.
  private mutating func show(_ step: Int, _ image: Int) throws {
    guard let earlierStep = earlierSteps[image] else {
      earlierSteps[image] = step
      for (index, reader) in sweep.readers.enumerated() {
        let state = image * reader.stateCount..<(image + 1) * reader.stateCount
        earlier.sums[index].replaceSubrange(state, with: now.sums[index][state])
      }
      if sweep.needsMap { earlier.map.copyImage(image, from: now.map) }
      return
    }
    earlierSteps[image] = nil
    for (index, reader) in sweep.readers.enumerated() {
      if sweep.isSparse[index] {
        reader.appendPair(earlier.sums[index], now.sums[index], image: image, to: &waiting.pairs[index])
      } else {
        reader.appendOutputs(of: earlier.sums[index], image: image, to: &waiting.outputs[index])
        reader.appendOutputs(of: now.sums[index], image: image, to: &waiting.outputs[index])
      }
    }
    if sweep.needsMap {
      for state in [earlier, now] { waiting.maps += state.map.images(image..<image + 1).values }
    }
    waiting.places.append((earlierStep, image))
    waiting.places.append((step, image))
    if waiting.count > Self.waitingNumbers { try flush() }
  }

  /// Predicts what waits.
  private mutating func flush() throws {
    let places = waiting.places
    guard !places.isEmpty else { return }
    var given = values.filter { $0.key != sweep.layer }.mapValues { $0.rows(places.map(\.image)) }
    var sparse: [Int: SparsePairs] = [:]
    // An image's pairs one after the other read the same rows of weights.
    let byImage = (0..<places.count / 2).sorted { (places[2 * $0].image, $0) < (places[2 * $1].image, $1) }
    for (index, reader) in sweep.readers.enumerated() {
      if sweep.isSparse[index] {
        waiting.pairs[index].order = byImage
        sparse[reader.node] = waiting.pairs[index]
      } else {
        given[reader.node] = Tensor(
          count: places.count, shape: sweep.network.shapes[reader.node], values: waiting.outputs[index])
      }
    }
    if sweep.needsMap { given[sweep.layer] = Tensor(count: places.count, shape: map.shape, values: waiting.maps) }
    for (place, found) in zip(places, try sweep.rest.classes(given, sparse)) {
      classes[place.step][place.image] = found
    }
    waiting = Waiting(readers: sweep.readers.count)
  }

  /// What is left of the images while channels are silenced.
  private struct State {
    /// By reader: (N, stateCount).
    var sums: [[Float]]
    /// (N, H, W, C), where a later layer reads the map itself.
    var map: Tensor
  }

  /// Outputs of the layers that read the map, waiting for the layers behind them.
  private struct Waiting {
    /// By reader: (places, outputs), in one form or the other.
    var outputs: [[Float]]
    var pairs: [SparsePairs]
    /// (places, H, W, C), where a later layer reads the map itself.
    var maps: [Float] = []
    /// The step, counted in silenced channels, and the image of each; two and two of one image.
    var places: [(step: Int, image: Int)] = []

    init(readers: Int) {
      outputs = [[Float]](repeating: [], count: readers)
      pairs = [SparsePairs](repeating: SparsePairs(capacity: BlockSweep.waitingNumbers / 2), count: readers)
    }

    var count: Int { pairs.reduce(outputs.reduce(maps.count) { $0 + $1.count }) { $0 + 2 * $1.entries } }
  }
}

extension Tensor {
  /// Copies of some images, each as often as it is named.
  fileprivate func rows(_ rows: [Int]) -> Tensor {
    let size = shape.count
    return Tensor(count: rows.count, shape: shape, values: rows.flatMap { values[$0 * size..<($0 + 1) * size] })
  }

  /// Sets one image.
  fileprivate mutating func copyImage(_ image: Int, from other: Tensor) {
    let numbers = image * shape.count..<(image + 1) * shape.count
    values.replaceSubrange(numbers, with: other.values[numbers])
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
