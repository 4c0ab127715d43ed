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

  /// Some images of a tensor.
  init(_ tensor: Tensor, _ images: Range<Int>, lanes: Int, store: LaneStore) {
    self.init(count: images.count, shape: tensor.shape, lanes: lanes, store: store)
    let size = shape.count
    tensor.values.withUnsafeBufferPointer { values in
      for group in 0..<groups {
        let (target, filled) = (self.group(group), min(lanes, count - group * lanes))
        if filled < lanes { target.update(repeating: 0, count: lanes * size) }
        transpose(
          values.baseAddress! + (images.lowerBound + group * lanes) * size, rows: filled, columns: size,
          rowStep: size, to: target, resultStep: lanes)
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
      for group in 0..<groups {
        transpose(
          self.group(group), rows: size, columns: min(lanes, count - group * lanes), rowStep: lanes,
          to: values.baseAddress! + group * lanes * size)
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
  /// Images of a tensor that are not copied before they are requested.
  private var part: (tensor: Tensor, images: Range<Int>)?
  private var rows: Tensor?
  private(set) var lanes: LaneTensor?

  init(_ rows: Tensor) { self.rows = rows }
  init(_ tensor: Tensor, images: Range<Int>) { part = (tensor, images) }
  init(_ lanes: LaneTensor) { self.lanes = lanes }

  /// Image by image.
  mutating func asRows() -> Tensor? {
    if rows == nil { rows = part.map { $0.tensor.images($0.images) } ?? lanes?.tensor }
    return rows
  }

  /// Lane by lane.
  mutating func asLanes(_ width: Int, _ store: LaneStore) -> LaneTensor? {
    if lanes == nil {
      lanes = (part ?? rows.map { ($0, 0..<$0.count) }).map { LaneTensor($0, $1, lanes: width, store: store) }
    }
    return lanes
  }
}
