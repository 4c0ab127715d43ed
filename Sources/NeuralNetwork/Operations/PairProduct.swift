/// The product of two inputs as matrices in their last two axes; axes in front are equal, or 1.
public struct MatrixProduct: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "MatrixProduct"

  /// Of two inputs.
  public init() {}

  /// See `LayerOperation`.
  public var arity: ClosedRange<Int> { 2...2 }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    let (a, b) = (inputs[0].dimensions, inputs[1].dimensions)
    guard a.count >= 2, a.count == b.count, a[a.count - 1] == b[b.count - 2],
      let front = broadcastShape([a.dropLast(2), b.dropLast(2)].map(Array.init))
    else {
      throw error(
        "inputs of shapes \(inputs[0]) and \(inputs[1])", expected: "(…, rows, inner) and (…, inner, columns)")
    }
    return try Shape(front + [a[a.count - 2], b[b.count - 1]])
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var output = Tensor(zeros: inputs[0].count, shape: shape)
    visit(inputs, shape) { left, right, result in
      var product = [Float](repeating: 0, count: result.count)
      multiply(
        Array(inputs[0].values[left]), Array(inputs[1].values[right]), &product, rows: rows(inputs),
        inner: inner(inputs), columns: columns(inputs))
      output.values.replaceSubrange(result, with: product)
    }
    return output
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    var results = inputs.map { Tensor(zeros: $0.count, shape: $0.shape) }
    let (rows, inner, columns) = (rows(inputs), inner(inputs), columns(inputs))
    visit(inputs, gradient.shape) { left, right, result in
      let upstream = Array(gradient.values[result])
      var (first, second) = ([Float](repeating: 0, count: left.count), [Float](repeating: 0, count: right.count))
      multiply(
        upstream, Array(inputs[1].values[right]), &first, rows: rows, inner: columns, columns: inner,
        transposeRight: true)
      multiply(
        Array(inputs[0].values[left]), upstream, &second, rows: inner, inner: rows, columns: columns,
        transposeLeft: true)
      for (index, value) in zip(left, first) { results[0].values[index] += value }
      for (index, value) in zip(right, second) { results[1].values[index] += value }
    }
    return OperationGradient(results)
  }

  private func rows(_ inputs: [Tensor]) -> Int { inputs[0].shape.dimensions[inputs[0].shape.dimensions.count - 2] }
  private func inner(_ inputs: [Tensor]) -> Int { inputs[0].shape.channels }
  private func columns(_ inputs: [Tensor]) -> Int { inputs[1].shape.channels }

  /// Calls `body` with the numbers of both factors and of the result, matrix by matrix.
  private func visit(_ inputs: [Tensor], _ shape: Shape, _ body: (Range<Int>, Range<Int>, Range<Int>) -> Void) {
    let front = Array(shape.dimensions.dropLast(2))
    let maps = inputs.map {
      IndexMap(broadcasting: Array($0.shape.dimensions.dropLast(2)), to: front).sources.map(Int.init)
    }
    let sizes = [rows(inputs) * inner(inputs), inner(inputs) * columns(inputs), rows(inputs) * columns(inputs)]
    for image in 0..<inputs[0].count {
      for index in 0..<front.reduce(1, *) {
        let (left, right) = (
          image * inputs[0].shape.count + maps[0][index] * sizes[0],
          image * inputs[1].shape.count + maps[1][index] * sizes[1]
        )
        let result = image * shape.count + index * sizes[2]
        body(left..<left + sizes[0], right..<right + sizes[1], result..<result + sizes[2])
      }
    }
  }
}
