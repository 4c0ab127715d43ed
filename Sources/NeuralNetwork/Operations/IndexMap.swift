/// For each number of an output the one of the input that it copies: what padding, slices, permutations and broadcasts are.
struct IndexMap {
  /// By place in one image's output; -1 where no input is copied.
  let sources: [Int32]

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
    var offsets: [Int32] = [0]
    for axis in axes {
      var next: [Int32] = []
      next.reserveCapacity(offsets.count * axis.count)
      for offset in offsets {
        for step in axis { next.append(offset < 0 || step < 0 ? -1 : offset + Int32(truncatingIfNeeded: step)) }
      }
      offsets = next
    }
    sources = offsets
  }

  /// The copies, with `fill` where there is no source.
  func gather(_ input: Tensor, shape: Shape, fill: Float = 0) -> Tensor {
    let (size, count) = (input.shape.count, sources.count)
    let values = [Float](unsafeUninitializedCapacity: input.count * count) { output, initialized in
      input.values.withUnsafeBufferPointer { input in
        sources.withUnsafeBufferPointer { sources in
          for image in 0..<(size == 0 ? 0 : input.count / size) {
            let (first, target) = (image * size, image * count)
            for index in 0..<count {
              let source = Int(sources[index])
              output[target + index] = source < 0 ? fill : input[first + source]
            }
          }
        }
      }
      initialized = input.count * count
    }
    return Tensor(count: input.count, shape: shape, values: values)
  }

  /// The transpose of `gather`: sums what the copies got where they came from.
  func scatter(_ gradient: Tensor, shape: Shape) -> Tensor {
    var result = Tensor(zeros: gradient.count, shape: shape)
    let size = shape.count
    result.values.withUnsafeMutableBufferPointer { result in
      gradient.values.withUnsafeBufferPointer { gradient in
        for image in 0..<gradient.count / max(1, sources.count) {
          for (index, source) in sources.enumerated() where source >= 0 {
            result[image * size + Int(source)] += gradient[image * sources.count + index]
          }
        }
      }
    }
    return result
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
