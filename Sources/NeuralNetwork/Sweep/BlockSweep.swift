/// A sweep over a few images at a time, which keeps its room for the next ones.
struct BlockSweep {
  private let sweep: SilencingSweep
  private let order: [Int]

  /// Of the frontier's nodes, for these images.
  private var values: [Int: Tensor] = [:]
  /// (N, H, W, C), of the silenced layer.
  private var map: Tensor
  /// What the images show now, and what each showed earlier, as long as that waits for others: rows go in groups, and of one
  /// image, because these are alike.
  private var now: State, earlier: [State]
  /// (N): the steps of those that wait.
  private var earlierSteps: [[Int]] = []
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
    earlier = (1..<SparseRows.group).map { _ in State(sweep, images: images) }
    waitingNumbers = sweep.rest.denseWeights > 1 << 20 ? 1 << 20 : 1 << 17
    waiting = Waiting(sweep)
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
    for image in images { try append(image, earlier.prefix(earlierSteps[image].count)) }
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
      for index in earlier.indices { earlier[index].map = now.map }
    }
    earlierSteps = [[Int]](repeating: [], count: images)
    classes = [[Int32]](repeating: [Int32](repeating: 0, count: images), count: order.count + 1)
    changed = [[Bool]](repeating: [Bool](repeating: true, count: images), count: order.count + 1)
  }

  /// Lets an image wait for its prediction.
  private mutating func show(_ step: Int, _ image: Int) throws {
    let place = earlierSteps[image].count
    earlierSteps[image].append(step)
    guard place == earlier.count else {
      for (index, reader) in sweep.readers.enumerated() {
        let start = image * reader.stateCount
        (earlier[place].sums[index].pointer + start).update(
          from: now.sums[index].pointer + start, count: reader.stateCount)
      }
      if sweep.needsMap { earlier[place].map.copyImage(image, from: now.map) }
      return
    }
    try append(image, earlier + [now])
  }

  /// Lets what an image showed wait with that of others.
  /// - Parameter moments: a state for each of its `earlierSteps`.
  private mutating func append(_ image: Int, _ moments: some Collection<State>) throws {
    guard !moments.isEmpty else { return }
    for (index, reader) in sweep.readers.enumerated() {
      let sums = moments.map { $0.sums[index] }
      if sweep.isSparse[index] {
        reader.appendGroup(sums, image: image, to: &waiting.rows[index])
      } else {
        for sums in sums { reader.appendOutputs(of: sums, image: image, to: &waiting.outputs[index]) }
      }
    }
    if sweep.needsMap { for moment in moments { waiting.maps += moment.map.images(image..<image + 1).values } }
    waiting.places += earlierSteps[image].map { ($0, image) }
    earlierSteps[image].removeAll(keepingCapacity: true)
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
    var sparse: [Int: SparseRows] = [:]
    for (index, reader) in sweep.readers.enumerated() {
      if sweep.isSparse[index] {
        sparse[reader.node] = waiting.rows[index]
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
    var rows: [SparseRows]
    /// (places, H, W, C), where a later layer reads the map itself.
    var maps: [Float] = []
    /// The step, counted in silenced channels, and the image of each.
    var places: [(step: Int, image: Int)] = []

    init(_ sweep: SilencingSweep) {
      outputs = [[Float]](repeating: [], count: sweep.readers.count)
      rows = sweep.readers.map { reader in
        SparseRows(width: sweep.network.shapes[reader.node].count, columns: sweep.rest.columnsAtOnce(reader.node))
      }
    }

    mutating func removeAll() {
      for index in outputs.indices { outputs[index].removeAll(keepingCapacity: true) }
      for index in rows.indices { rows[index].removeAll() }
      maps.removeAll(keepingCapacity: true)
      places.removeAll(keepingCapacity: true)
    }

    var count: Int {
      rows.reduce(outputs.reduce(maps.count) { $0 + $1.count }) { $0 + SparseRows.group * $1.entries }
    }
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
