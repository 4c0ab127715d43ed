import NeuralNetwork

/// A tensor that is the same for every image: a weight, or a number of the graph's own arithmetic.
struct ONNXConstant {
  /// Real numbers are 32-bit floats, whole ones and truth values integers.
  enum Numbers {
    case real([Float])
    case whole([Int])
  }

  /// Where a constant's numbers lie in a tensor of the file: its axis i is axis `order[i]` of the tensor seen as `extents`;
  /// axes that are in no order have extent 1.
  struct View {
    let tensor: ONNXTensorPlace
    var extents: [Int]
    var order: [Int]

    /// From places in the constant to those in the tensor.
    var places: Places { Places(extents, order: order) }
  }

  var type: ONNXElementType
  var shape: [Int]
  var numbers: Numbers
  /// nil for numbers that were computed.
  var view: View?

  var count: Int { shape.reduce(1, *) }

  /// All as floats.
  var reals: [Float] {
    switch numbers {
    case .real(let values): values
    case .whole(let values): values.map(Float.init)
    }
  }

  /// All as integers; nil where they are real.
  var integers: [Int]? {
    if case .whole(let values) = numbers { values } else { nil }
  }

  /// All as doubles.
  var doubles: [Double] {
    switch numbers {
    case .real(let values): values.map(Double.init)
    case .whole(let values): values.map(Double.init)
    }
  }

  static func whole(_ values: [Int], shape: [Int]? = nil, type: ONNXElementType = .int64) -> ONNXConstant {
    ONNXConstant(type: type, shape: shape ?? [values.count], numbers: .whole(values))
  }

  static func real(_ values: [Float], shape: [Int], type: ONNXElementType = .float) -> ONNXConstant {
    ONNXConstant(type: type, shape: shape, numbers: .real(values))
  }

  /// The numbers at some places, as another shape.
  func picking(_ places: [Int], shape: [Int]) -> ONNXConstant {
    let picked: Numbers =
      switch numbers {
      case .real(let values): .real(places.map { values[$0] })
      case .whole(let values): .whole(places.map { values[$0] })
      }
    return ONNXConstant(type: type, shape: shape, numbers: picked)
  }

  /// The same numbers in the same order.
  func reshaped(_ shape: [Int]) -> ONNXConstant {
    var result = self
    result.shape = shape
    guard let view else { return result }
    if view.order == Array(view.extents.indices) {
      result.view = View(tensor: view.tensor, extents: shape, order: Array(shape.indices))
    } else if shape.filter({ $0 != 1 }) == self.shape.filter({ $0 != 1 }) {
      // Axes of extent 1 come and go; the others stay where they are.
      var long = view.order.filter { view.extents[$0] != 1 }[...]
      var extents = view.extents
      let order = shape.map { extent -> Int in
        if extent != 1, let axis = long.popFirst() { return axis }
        extents.append(1)
        return extents.count - 1
      }
      result.view = View(tensor: view.tensor, extents: extents, order: order)
    } else {
      result.view = nil
    }
    return result
  }

  /// - Parameter order: by axis of the result, the axis of this one.
  func permuted(_ order: [Int]) -> ONNXConstant {
    let (sizes, places) = (order.map { shape[$0] }, Places(shape, order: order))
    var result = self
    result.shape = sizes
    switch numbers {
    case .real(let values): result.numbers = .real(places.gather(values))
    case .whole(let values): result.numbers = .whole(places.gather(values))
    }
    result.view = view.map { view in
      View(tensor: view.tensor, extents: view.extents, order: order.map { view.order[$0] })
    }
    return result
  }

  /// Repeated along axes of extent 1 and along new axes in front.
  /// - Precondition: it broadcasts to `shape`.
  func broadcast(to shape: [Int]) -> ONNXConstant {
    if shape == self.shape { return self }
    let own = [Int](repeating: 1, count: shape.count - self.shape.count) + self.shape
    let strides = zip(own, rowStrides(own)).map { $0 == 1 ? 0 : $1 }
    return picking(stridedPlaces(shape, strides: strides), shape: shape)
  }
}

/// Where a tensor is in a file.
enum ONNXTensorPlace: Hashable {
  /// Among the graph's initializers.
  case initializer(Int)
  /// The attribute `value` of a node of the graph.
  case node(Int)
}

/// A row-major tensor's numbers in another order of its axes.
struct Places {
  /// By axis of the result: its extent, and how far apart neighbours lie in the source.
  let extents: [Int], strides: [Int]

  /// - Parameter order: by axis of the result, the axis among `extents`.
  init(_ extents: [Int], order: [Int]) {
    let strides = rowStrides(extents)
    (self.extents, self.strides) = (order.map { extents[$0] }, order.map { strides[$0] })
  }

  var count: Int { extents.reduce(1, *) }

  /// The place in the source of place `index` of the result.
  func place(of index: Int) -> Int {
    var (rest, place) = (index, 0)
    for axis in extents.indices.reversed() {
      let (next, own) = rest.quotientAndRemainder(dividingBy: extents[axis])
      place += own * strides[axis]
      rest = next
    }
    return place
  }

  func gather<Number>(_ values: [Number]) -> [Number] {
    guard let width = extents.last, let step = strides.last, count > 0 else { return extents.contains(0) ? [] : values }
    return [Number](unsafeUninitializedCapacity: count) { result, initialized in
      values.withUnsafeBufferPointer { values in
        var target = 0
        for row in 0..<count / width {
          let start = place(of: row * width)
          for index in 0..<width { (result.baseAddress! + target + index).initialize(to: values[start + index * step]) }
          target += width
        }
      }
      initialized = count
    }
  }
}

/// How far apart neighbours along each axis lie in a row-major tensor.
func rowStrides(_ extents: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: extents.count)
  for axis in extents.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(1, extents[axis + 1]) }
  return strides
}

/// The places of a tensor's numbers in row-major order, given how far apart neighbours along each axis lie.
func stridedPlaces(_ extents: [Int], strides: [Int]) -> [Int] {
  var places = [0]
  for (extent, stride) in zip(extents, strides) {
    var next: [Int] = []
    next.reserveCapacity(places.count * extent)
    for place in places { for index in 0..<max(0, extent) { next.append(place + index * stride) } }
    places = next
  }
  return places
}

/// The shape that all broadcast to, aligned at the last axis; nil where extents differ and neither is 1.
func onnxBroadcast(_ shapes: [[Int]]) -> [Int]? {
  let rank = shapes.map(\.count).max() ?? 0
  var result = [Int](repeating: 1, count: rank)
  for shape in shapes {
    for (index, extent) in shape.enumerated() {
      let axis = rank - shape.count + index
      guard extent == result[axis] || extent == 1 || result[axis] == 1 else { return nil }
      if result[axis] == 1 { result[axis] = extent }
    }
  }
  return result
}
