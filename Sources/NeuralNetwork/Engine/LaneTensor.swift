/// Images' values of one shape with the images innermost: groups of (H, W, C) vectors, one image a lane.
struct LaneTensor {
  /// Images; the lanes behind the last one hold 0s in an input, and whatever follows from them behind it.
  let count: Int
  let shape: Shape
  let lanes: Int
  let buffer: LaneBuffer

  init(count: Int, shape: Shape, lanes: Int, store: LaneStore) {
    self.count = count
    self.shape = shape
    self.lanes = lanes
    buffer = LaneBuffer(count: (count + lanes - 1) / lanes * lanes * shape.count, from: store)
  }

  init(_ tensor: Tensor, lanes: Int, store: LaneStore) {
    self.init(count: tensor.count, shape: tensor.shape, lanes: lanes, store: store)
    let size = shape.count
    tensor.values.withUnsafeBufferPointer { values in
      for image in 0..<groups * lanes {
        let target = group(image / lanes) + image % lanes
        if image < count {
          for index in 0..<size { target[index &* lanes] = values[image &* size &+ index] }
        } else {
          for index in 0..<size { target[index &* lanes] = 0 }
        }
      }
    }
  }

  var groups: Int { (count + lanes - 1) / lanes }

  /// Vectors of one group, (H, W, C).
  func group(_ index: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + index * lanes * shape.count }

  /// The same values, image by image.
  var tensor: Tensor {
    let size = shape.count
    let values = [Float](unsafeUninitializedCapacity: count * size) { values, initialized in
      for image in 0..<count {
        let source = group(image / lanes) + image % lanes
        for index in 0..<size { values[image &* size &+ index] = source[index &* lanes] }
      }
      initialized = count * size
    }
    return Tensor(count: count, shape: shape, values: values)
  }

  /// Adds another tensor of the same shape and count in place.
  func add(_ other: LaneTensor) {
    let count = groups * lanes * shape.count
    let sum = UnsafeMutableBufferPointer(start: buffer.pointer, count: count)
    let other = UnsafeBufferPointer(start: other.buffer.pointer, count: count)
    forEachFour(of: count) {
      sum.store(sum.four(at: $0) + other.four(at: $0), at: $0)
    } rest: {
      sum[$0] += other[$0]
    }
  }
}

/// A node's value in either layout, or both once both were requested.
struct NodeValue {
  private(set) var rows: Tensor?
  private(set) var lanes: LaneTensor?

  init(_ rows: Tensor) { self.rows = rows }
  init(_ lanes: LaneTensor) { self.lanes = lanes }

  /// Image by image.
  mutating func asRows() -> Tensor? {
    if rows == nil { rows = lanes?.tensor }
    return rows
  }

  /// Lane by lane.
  mutating func asLanes(_ width: Int, _ store: LaneStore) -> LaneTensor? {
    if lanes == nil { lanes = rows.map { LaneTensor($0, lanes: width, store: store) } }
    return lanes
  }
}
