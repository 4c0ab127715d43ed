/// What is done with two numbers at the same place.
public enum BinaryFunction: String, Equatable, Sendable, CaseIterable {
  case add, subtract, multiply, divide, maximum, minimum, power

  @inline(__always)
  func value(_ a: Float, _ b: Float) -> Float {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: b > a ? b : a
    case .minimum: b < a ? b : a
    case .power: Self.power(a, b)
    }
  }

  /// The derivatives by a and by b; where both are the extremum, a takes all.
  func slopes(_ a: Float, _ b: Float) -> (Float, Float) {
    switch self {
    case .add: (1, 1)
    case .subtract: (1, -1)
    case .multiply: (b, a)
    case .divide: (1 / b, -a / (b * b))
    case .maximum: b > a ? (0, 1) : (1, 0)
    case .minimum: b < a ? (0, 1) : (1, 0)
    case .power:
      (b == 0 ? 0 : b * Self.power(a, b - 1), a > 0 ? Self.power(a, b) * Float(Elementary.log(Double(a))) : 0)
    }
  }

  /// Whole exponents up to 64 by multiplication, exact in sign; others by logarithm and exponential.
  private static func power(_ a: Float, _ b: Float) -> Float {
    if b == 0.5 { return a.squareRoot() }
    if b == b.rounded(), abs(b) <= 64 {
      var product = 1.0
      for _ in 0..<Int(abs(b)) { product *= Double(a) }
      return Float(b < 0 ? 1 / product : product)
    }
    if a == 0 { return b > 0 ? 0 : .infinity }
    return a < 0 ? .nan : Float(Elementary.exp(Double(b) * Elementary.log(Double(a))))
  }
}

/// Values combined place by place, from the first to the last; axes of extent 1 are repeated.
public struct Combination: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Combination"

  /// What is done with two of them.
  public let function: BinaryFunction
  /// Whether the result is divided by the number of inputs, which makes a mean of a sum.
  public let divides: Bool

  /// - Parameter divides: for the mean.
  public init(_ function: BinaryFunction, divides: Bool = false) {
    (self.function, self.divides) = (function, divides)
  }

  /// The mean of all inputs.
  public static let mean = Combination(.add, divides: true)

  /// See `LayerOperation`.
  public var arity: ClosedRange<Int> { 1...1024 }

  /// See `LayerOperation`.
  public var channels: ChannelRule {
    switch function {
    case .add, .subtract, .maximum, .minimum: .keepsZero
    case .multiply: .zeroOfAny
    case .divide, .power: .mixes
    }
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard Set(inputs.map(\.dimensions.count)).count == 1, let shape = broadcastShape(inputs.map(\.dimensions)) else {
      throw NetworkError(
        function.rawValue, found: "inputs of shapes \(inputs.map(\.description).joined(separator: " and "))",
        expected: "equal shapes, or extents of 1")
    }
    return try Shape(shape)
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var result = inputs[0].broadcast(to: shape)
    for other in inputs.dropFirst() { function.combine(&result, with: other.broadcast(to: shape)) }
    if divides {
      let count = Float(inputs.count)
      result.values.withUnsafeMutableBufferPointer { for index in $0.indices { $0[index] /= count } }
    }
    return result
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    let shape = output.shape
    var prefixes = [inputs[0].broadcast(to: shape)]
    for other in inputs.dropFirst() {
      var next = prefixes[prefixes.count - 1]
      function.combine(&next, with: other.broadcast(to: shape))
      prefixes.append(next)
    }
    var upstream = gradient
    if divides { for index in upstream.values.indices { upstream.values[index] /= Float(inputs.count) } }
    var results: [Tensor] = []
    for (place, input) in inputs.enumerated().reversed().dropLast() {
      let (left, right) = (prefixes[place - 1], input.broadcast(to: shape))
      var own = upstream
      for index in upstream.values.indices {
        let slopes = function.slopes(left.values[index], right.values[index])
        own.values[index] = upstream.values[index] * slopes.1
        upstream.values[index] *= slopes.0
      }
      results.append(own.summed(to: input.shape))
    }
    results.append(upstream.summed(to: inputs[0].shape))
    return OperationGradient(results.reversed())
  }
}

/// A value combined with constants, as `x * 2 + 1` is.
public struct ConstantCombination: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Constant"

  /// What is done with both.
  public let function: BinaryFunction
  /// The constants' extents, aligned at the last axis, and the constants.
  public let shape: [Int], values: [Float]
  /// Whether the constant is the first of both, as in `1 - x`.
  public let comesFirst: Bool

  /// - Precondition: `values` has as many numbers as `shape`.
  public init(_ function: BinaryFunction, shape: [Int] = [], values: [Float], comesFirst: Bool = false) {
    precondition(values.count == shape.reduce(1, *), "constants have a shape")
    (self.function, self.shape, self.values, self.comesFirst) = (function, shape, values, comesFirst)
  }

  /// See `LayerOperation`.
  public var channels: ChannelRule {
    switch function {
    case .multiply: .keepsZero
    case .divide where !comesFirst: .keepsZero
    case .add, .subtract, .maximum, .minimum: values.allSatisfy { $0 == 0 } ? .keepsZero : .mixes
    case .power where !comesFirst: values.allSatisfy { $0 > 0 } ? .keepsZero : .mixes
    case .divide, .power: .mixes
    }
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard shape.count <= inputs[0].dimensions.count, let result = broadcastShape([inputs[0].dimensions, shape]) else {
      throw NetworkError(
        function.rawValue, found: "an input of shape \(inputs[0]) and constants of shape \(tuple(shape))",
        expected: "equal extents, or 1")
    }
    return try Shape(result)
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var result = inputs[0].broadcast(to: shape)
    let places = self.places(in: shape)
    let (function, comesFirst, size) = (function, comesFirst, shape.count)
    result.values.withUnsafeMutableBufferPointer { numbers in
      values.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: numbers.count, by: size) {
          for index in 0..<size {
            let constant = values[Int(places[index])]
            numbers[start + index] =
              comesFirst
              ? function.value(constant, numbers[start + index]) : function.value(numbers[start + index], constant)
          }
        }
      }
    }
    return result
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    let (x, places, size) = (inputs[0].broadcast(to: output.shape), places(in: output.shape), output.shape.count)
    var result = gradient
    for index in result.values.indices {
      let constant = values[Int(places[index % size])]
      result.values[index] *=
        comesFirst ? function.slopes(constant, x.values[index]).1 : function.slopes(x.values[index], constant).0
    }
    return OperationGradient([result.summed(to: inputs[0].shape)])
  }

  /// By place in one image's value: the index of the constant.
  private func places(in shape: Shape) -> [Int32] { IndexMap(broadcasting: self.shape, to: shape.dimensions).sources }
}

extension BinaryFunction {
  /// - Precondition: both have the same shape.
  fileprivate func combine(_ result: inout Tensor, with other: Tensor) {
    result.values.withUnsafeMutableBufferPointer { result in
      other.values.withUnsafeBufferPointer { other in
        switch self {
        case .add: for index in 0..<result.count { result[index] += other[index] }
        case .multiply: for index in 0..<result.count { result[index] *= other[index] }
        default: for index in 0..<result.count { result[index] = value(result[index], other[index]) }
        }
      }
    }
  }
}

extension Tensor {
  /// Repeated along axes of extent 1.
  func broadcast(to shape: Shape) -> Tensor {
    shape == self.shape
      ? self : IndexMap(broadcasting: self.shape.dimensions, to: shape.dimensions).gather(self, shape: shape)
  }

  /// The transpose of `broadcast`.
  func summed(to shape: Shape) -> Tensor {
    shape == self.shape
      ? self : IndexMap(broadcasting: shape.dimensions, to: self.shape.dimensions).scatter(self, shape: shape)
  }
}
