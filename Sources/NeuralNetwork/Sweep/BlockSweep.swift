/// A sweep over a few images at a time, which keeps its room for the next ones.
struct BlockSweep {
  private let sweep: SilencingSweep
  private let order: [Int]

  /// Of the frontier's nodes, for these images.
  private var values: [Int: Tensor] = [:]
  /// (N, H, W, C), of the silenced layer.
  private var map: Tensor
  /// What the images show now, and what each showed last, as long as that waits for a second: rows go two by two, and of one
  /// image, because these are alike.
  private var now: State, earlier: State
  /// (N): the steps of those that wait.
  private var earlierSteps: [Int?] = []
  private var waiting: Waiting
  /// (C + 1, N): the predictions, and whether a step changed anything.
  private var classes: [[Int32]] = []
  private var changed: [[Bool]] = []

  /// Numbers that wait for the rest of the network at a time: 512 KB, so that they stay in the cache, or 4 MB where that has more
  /// weights than the cache keeps, which all of them then read once.
  private let waitingNumbers: Int

  /// - Parameters:
  ///   - order: each channel once.
  ///   - images: as many at a time, or fewer.
  init(_ sweep: SilencingSweep, order: [Int], images: Int) {
    self.sweep = sweep
    self.order = order
    map = Tensor(zeros: 0, shape: sweep.network.shapes[sweep.layer])
    now = State(sweep, images: images)
    earlier = State(sweep, images: images)
    waitingNumbers = sweep.rest.denseWeights > 1 << 20 ? 1 << 20 : 1 << 17
    waiting = Waiting(readers: sweep.readers.count, numbers: waitingNumbers)
  }

  /// Predictions after 0, 1 … C channels are silenced: C + 1 lists of N classes.
  /// - Parameters:
  ///   - values: of the frontier's nodes, the silenced layer's among them.
  ///   - silent: what is predicted with all channels silenced, where that is the same for every image and known.
  mutating func run(_ values: [Int: Tensor], silent: Int32? = nil) throws -> [[Int32]] {
    guard let map = values[sweep.layer] else { return [] }
    start(values, map)
    let images = 0..<map.count
    if let silent {
      classes[order.count] = [Int32](repeating: silent, count: map.count)
    } else {
      for image in images { try show(order.count, image) }
    }
    for step in order.indices.reversed() {
      if sweep.needsMap { changed[step] = now.map.copyChannel(order[step], from: map) }
      for (index, reader) in sweep.readers.enumerated() {
        changed[step] = reader.add(order[step], of: map, to: now.sums[index])
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

  /// Silences all channels of new images.
  private mutating func start(_ values: [Int: Tensor], _ map: Tensor) {
    (self.values, self.map) = (values, map)
    let images = map.count
    for (reader, sums) in zip(sweep.readers, now.sums) { reader.silence(images, sums) }
    if sweep.needsMap {
      now.map = Tensor(zeros: images, shape: map.shape)
      earlier.map = now.map
    }
    earlierSteps = [Int?](repeating: nil, count: images)
    classes = [[Int32]](repeating: [Int32](repeating: 0, count: images), count: order.count + 1)
    changed = [[Bool]](repeating: [Bool](repeating: true, count: images), count: order.count + 1)
  }

  /// Lets an image wait for its prediction.
  private mutating func show(_ step: Int, _ image: Int) throws {
    guard let earlierStep = earlierSteps[image] else {
      earlierSteps[image] = step
      for (index, reader) in sweep.readers.enumerated() {
        let start = image * reader.stateCount
        (earlier.sums[index].pointer + start).update(from: now.sums[index].pointer + start, count: reader.stateCount)
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
    if waiting.count > waitingNumbers { try flush() }
  }

  /// Predicts what waits.
  private mutating func flush() throws {
    for (place, found) in zip(waiting.places, try waitingClasses()) { classes[place.step][place.image] = found }
    waiting.removeAll()
  }

  private mutating func waitingClasses() throws -> [Int32] {
    let places = waiting.places
    guard !places.isEmpty else { return [] }
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
    return try sweep.rest.classes(given, sparse)
  }

  /// What is left of the images while channels are silenced.
  private struct State {
    /// By reader: (images, stateCount).
    let sums: [AlignedNumbers]
    /// (N, H, W, C), where a later layer reads the map itself.
    var map: Tensor

    init(_ sweep: SilencingSweep, images: Int) {
      sums = sweep.readers.map { AlignedNumbers(repeating: 0, count: images * $0.stateCount) }
      map = Tensor(zeros: 0, shape: sweep.network.shapes[sweep.layer])
    }
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

    init(readers: Int, numbers: Int) {
      outputs = [[Float]](repeating: [], count: readers)
      pairs = [SparsePairs](repeating: SparsePairs(capacity: numbers / 2), count: readers)
    }

    mutating func removeAll() {
      for index in outputs.indices { outputs[index].removeAll(keepingCapacity: true) }
      for index in pairs.indices { pairs[index].removeAll() }
      maps.removeAll(keepingCapacity: true)
      places.removeAll(keepingCapacity: true)
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
