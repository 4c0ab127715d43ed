/// Layers that only rearrange or combine values: sums, concatenations, means over positions, rescaling.
enum Merging {
  static func addShape(_ inputs: [Shape]) throws -> Shape {
    guard let first = inputs.first else { throw NetworkError("Add", found: "no input", expected: "one or more") }
    for shape in inputs where shape != first {
      throw NetworkError("Add", found: "inputs of shapes \(first) and \(shape)", expected: "equal shapes")
    }
    return first
  }

  static func add(_ inputs: [Tensor]) -> Tensor {
    var sum = inputs[0]
    for other in inputs.dropFirst() { NeuralNetwork.add(other.values, to: &sum.values) }
    return sum
  }

  /// - Parameter axis: 0 is the first axis of one image's value.
  static func concatenationShape(_ inputs: [Shape], axis: Int) throws -> Shape {
    guard let first = inputs.first, first.dimensions.indices.contains(axis) else {
      throw NetworkError("Concatenate", found: "axis \(axis)", expected: "an axis of its inputs")
    }
    var dimensions = first.dimensions
    for shape in inputs.dropFirst() {
      var other = shape.dimensions
      guard other.count == dimensions.count else {
        throw NetworkError("Concatenate", found: "inputs of shapes \(first) and \(shape)", expected: "equal ranks")
      }
      let extent = other[axis]
      other[axis] = dimensions[axis]
      guard other == dimensions else {
        throw NetworkError(
          "Concatenate", found: "inputs of shapes \(first) and \(shape)", expected: "shapes equal but on axis \(axis)")
      }
      dimensions[axis] += extent
    }
    return try Shape(dimensions)
  }

  static func concatenate(_ inputs: [Tensor], axis: Int, shape: Shape) -> Tensor {
    var output = Tensor(zeros: inputs[0].count, shape: shape)
    let rowLength = shape.dimensions[axis...].reduce(1, *)
    let rows = output.values.count / rowLength
    var offset = 0
    for input in inputs {
      let length = input.shape.dimensions[axis...].reduce(1, *)
      for row in 0..<rows {
        for index in 0..<length {
          output.values[row * rowLength + offset + index] = input.values[row * length + index]
        }
      }
      offset += length
    }
    return output
  }

  /// The gradients with respect to each of the inputs of a concatenation.
  static func split(_ gradient: Tensor, axis: Int, shapes: [Shape]) -> [Tensor] {
    var start = 0
    return shapes.map { shape in
      let extent = shape.dimensions[axis]
      defer { start += extent }
      let part = Selection(Array(start..<start + extent), axis: axis, rank: shape.dimensions.count)
      return part.forward([gradient], shape: shape)
    }
  }

  static func globalAverageGradient(_ gradient: Tensor, shape: Shape) -> Tensor {
    let (positions, channels) = (shape.positions, shape.channels)
    let values = [Float](unsafeUninitializedCapacity: gradient.count * shape.count) { values, initialized in
      var place = values.baseAddress!
      gradient.values.withUnsafeBufferPointer { gradient in
        for first in stride(from: 0, to: gradient.count, by: channels) {
          for channel in 0..<channels { place[channel] = gradient[first + channel] / Float(positions) }
          for position in 1..<max(1, positions) { (place + position * channels).update(from: place, count: channels) }
          place += positions * channels
        }
      }
      initialized = gradient.count * shape.count
    }
    return Tensor(count: gradient.count, shape: shape, values: values)
  }

  static func globalAverageShape(_ input: Shape, keepsDimensions: Bool) throws -> Shape {
    try requireFeatureMap(input)
    return try Shape(keepsDimensions ? [1, 1, input.channels] : [input.channels])
  }

  static func globalAverage(_ input: Tensor, shape: Shape) -> Tensor {
    var output = Tensor(zeros: input.count, shape: shape)
    let (positions, channels) = (input.shape.positions, input.shape.channels)
    input.values.withUnsafeBufferPointer { values in
      output.values.withUnsafeMutableBufferPointer { sums in
        for image in 0..<input.count {
          let first = image * channels
          for position in image * positions..<(image + 1) * positions {
            for channel in 0..<channels { sums[first + channel] += values[position * channels + channel] }
          }
          for channel in 0..<channels { sums[first + channel] /= Float(positions) }
        }
      }
    }
    return output
  }

  /// - Parameters: `scale` and `offset` have one value, or one a channel.
  static func rescale(_ input: Tensor, scale: [Float], offset: [Float]) -> Tensor {
    var output = input
    let channels = input.shape.channels
    for index in output.values.indices {
      let channel = index % channels
      output.values[index] =
        output.values[index] * scale[channel % scale.count] + offset[channel % offset.count]
    }
    return output
  }

  static func rescaledShape(_ input: Shape, scale: [Float], offset: [Float]) throws -> Shape {
    for (name, values) in [("scale", scale), ("offset", offset)]
    where values.count != 1 && values.count != input.channels {
      throw NetworkError(name, found: "\(values.count) values", expected: "1 or \(input.channels)")
    }
    return input
  }
}
