/// For each number of an output the one of the input that it copies: what padding, slices, permutations and broadcasts are.
struct IndexMap {
  /// How many numbers that lie one behind the other are copied together.
  private let run: Int
  /// By run of one image's output, where the input's begins; -1 where no input is copied.
  private let starts: [Int32]

  /// By place in one image's output; -1 where no input is copied.
  var sources: [Int32] {
    run == 1 ? starts : starts.flatMap { start in (0..<Int32(run)).map { start < 0 ? -1 : start + $0 } }
  }

  /// From the list of source indices along each axis, -1 where there is none.
  /// - Parameter axes: as many lists as `input` has axes.
  init(_ input: [Int], axes: [[Int]]) {
    var strides = [Int](repeating: 1, count: input.count)
    for axis in input.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * input[axis + 1] }
    self.init(axes: zip(axes, strides).map { indices, stride in indices.map { $0 < 0 ? -1 : $0 * stride } })
  }

  /// The output's axes are the input's in another order.
  init(_ input: [Int], order: [Int]) {
    var strides = [Int](repeating: 1, count: input.count)
    for axis in input.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * input[axis + 1] }
    self.init(axes: order.map { axis in (0..<input[axis]).map { $0 * strides[axis] } })
  }

  /// Repeats axes of extent 1, and axes in front that the input does not have.
  /// - Precondition: `input` broadcasts to `output`.
  init(broadcasting input: [Int], to output: [Int]) {
    let padded = [Int](repeating: 1, count: output.count - input.count) + input
    self.init(padded, axes: zip(padded, output).map { own, wanted in (0..<wanted).map { own == 1 ? 0 : $0 } })
  }

  /// - Parameter axes: offsets into the input along each axis, -1 where there is none.
  private init(axes: [[Int]]) {
    var (outer, run) = (axes[...], 1)
    while let last = outer.last, last == last.indices.map({ $0 * run }) {
      run *= last.count
      outer.removeLast()
    }
    var offsets: [Int32] = [0]
    for axis in outer {
      var next: [Int32] = []
      next.reserveCapacity(offsets.count * axis.count)
      for offset in offsets {
        for step in axis { next.append(offset < 0 || step < 0 ? -1 : offset + Int32(truncatingIfNeeded: step)) }
      }
      offsets = next
    }
    (self.run, starts) = (run, offsets)
  }

  /// The copies, with `fill` where there is no source.
  func gather(_ input: Tensor, shape: Shape, fill: Float = 0) -> Tensor {
    let count = input.count * starts.count * run
    let values = [Float](unsafeUninitializedCapacity: count) { output, initialized in
      input.values.withUnsafeBufferPointer { numbers in
        forEachRun(of: input.count, size: input.shape.count) { source, place in
          if run == 1 {
            output[place] = source.map { numbers[$0] } ?? fill
          } else if let source {
            (output.baseAddress! + place).update(from: numbers.baseAddress! + source, count: run)
          } else {
            (output.baseAddress! + place).update(repeating: fill, count: run)
          }
        }
      }
      initialized = count
    }
    return Tensor(count: input.count, shape: shape, values: values)
  }

  /// The transpose of `gather`: sums what the copies got where they came from.
  func scatter(_ gradient: Tensor, shape: Shape) -> Tensor {
    let images = gradient.count
    var result = Tensor(zeros: images, shape: shape)
    result.values.withUnsafeMutableBufferPointer { result in
      gradient.values.withUnsafeBufferPointer { gradient in
        forEachRun(of: images, size: shape.count) { source, place in
          guard let source else { return }
          for index in 0..<run { result[source + index] += gradient[place + index] }
        }
      }
    }
    return result
  }

  /// Calls `body` with where each run of some images lies in the input, nil where there is none, and in the output.
  @inline(__always)
  private func forEachRun(of images: Int, size: Int, _ body: (_ source: Int?, _ place: Int) -> Void) {
    var place = 0
    for image in 0..<images {
      for start in starts {
        body(start < 0 ? nil : image * size + Int(start), place)
        place += run
      }
    }
  }
}

/// The shape that all broadcast to, aligned at the last axis; nil where extents differ and neither is 1.
func broadcastShape(_ shapes: [[Int]]) -> [Int]? {
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
