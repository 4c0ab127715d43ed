/// A function of one number, with its derivative; in double precision inside, by `Elementary`.
///
/// Source of the activations: Keras 3, keras.activations; ONNX, operators.
public enum ElementFunction: Equatable, Sendable {
  case exponential, logarithm, squareRoot, reciprocal, square, absolute, negative, sine, cosine, errorFunction, sign
  case floor, ceiling
  /// To the nearest whole number, ties to the even one.
  case round
  /// Between two bounds.
  case clip(Float, Float)
  /// x above 0, alpha (eˣ - 1) below.
  case elu(Float)
  /// x above 0, alpha (e^(x / alpha) - 1) below.
  case celu(Float)
  /// scale x above 0, scale alpha (eˣ - 1) below.
  case selu(alpha: Float, scale: Float)
  case softplus, softsign, logSigmoid, mish
  /// x / (1 + e^-x), also called swish.
  case silu
  /// x Φ(x), or with Φ by a hyperbolic tangent.
  case gelu(isApproximate: Bool)
  /// min(max(slope x + offset, 0), 1).
  case hardSigmoid(slope: Float, offset: Float)
  /// x times the hard sigmoid of slope 1/6 and offset 1/2.
  case hardSilu
  /// x beyond the bound on either side, else 0.
  case hardShrink(Float)
  /// x less the bound beyond it on either side, else 0.
  case softShrink(Float)
  /// x above the bound, else the value.
  case threshold(Float, Float)
  case tanhShrink
  /// (x + sqrt(x² + b)) / 2.
  case squareplus(Float)
  /// 0 below -1, x above 1, (x + 1)² / 4 between.
  case sparsePlus

  /// The function at x.
  public func value(_ x: Float) -> Float {
    switch self {
    case .clip(let low, let high): min(max(x, low), high)
    case .absolute: abs(x)
    case .negative: -x
    case .square: x * x
    case .reciprocal: 1 / x
    case .squareRoot: x.squareRoot()
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .floor: x.rounded(.down)
    case .ceiling: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .hardShrink(let bound): abs(x) > bound ? x : 0
    case .softShrink(let bound): x > bound ? x - bound : x < -bound ? x + bound : 0
    case .threshold(let bound, let value): x > bound ? x : value
    case .hardSigmoid(let slope, let offset): min(max(slope * x + offset, 0), 1)
    default: Float(precise(Double(x)))
    }
  }

  private func precise(_ x: Double) -> Double {
    switch self {
    case .exponential: Elementary.exp(x)
    case .logarithm: Elementary.log(x)
    case .sine: Elementary.sin(x)
    case .cosine: Elementary.cos(x)
    case .errorFunction: Elementary.erf(x)
    case .elu(let alpha): x > 0 ? x : Double(alpha) * less1(x)
    case .celu(let alpha): x > 0 ? x : Double(alpha) * less1(x / Double(alpha))
    case .selu(let alpha, let scale): Double(scale) * (x > 0 ? x : Double(alpha) * less1(x))
    case .softplus: softplus(x)
    case .softsign: x / (1 + abs(x))
    case .logSigmoid: -softplus(-x)
    case .mish: x * Elementary.tanh(softplus(x))
    case .silu: x * sigmoid(x)
    case .gelu(false): 0.5 * x * (1 + Elementary.erf(x * 0.7071067811865476))
    case .gelu(true): 0.5 * x * (1 + Elementary.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
    case .hardSilu: x * min(max(x / 6 + 0.5, 0), 1)
    case .tanhShrink: x - Elementary.tanh(x)
    case .squareplus(let b): (x + (x * x + Double(b)).squareRoot()) / 2
    case .sparsePlus: x <= -1 ? 0 : x >= 1 ? x : (x + 1) * (x + 1) / 4
    default: Double(value(Float(x)))
    }
  }

  /// The derivative at x; at a corner that of the side that the value takes.
  public func slope(_ x: Float) -> Float { Float(slope(Double(x))) }

  private func slope(_ x: Double) -> Double {
    switch self {
    case .exponential: return Elementary.exp(x)
    case .logarithm: return 1 / x
    case .squareRoot: return 0.5 / x.squareRoot()
    case .reciprocal: return -1 / (x * x)
    case .square: return 2 * x
    case .absolute: return x > 0 ? 1 : x < 0 ? -1 : 0
    case .negative: return -1
    case .sine: return Elementary.cos(x)
    case .cosine: return -Elementary.sin(x)
    case .errorFunction: return 1.1283791670955126 * Elementary.exp(-x * x)
    case .sign, .floor, .ceiling, .round: return 0
    case .clip(let low, let high): return x > Double(low) && x < Double(high) ? 1 : 0
    case .elu(let alpha): return x > 0 ? 1 : Double(alpha) * Elementary.exp(x)
    case .celu(let alpha): return x > 0 ? 1 : Elementary.exp(x / Double(alpha))
    case .selu(let alpha, let scale): return Double(scale) * (x > 0 ? 1 : Double(alpha) * Elementary.exp(x))
    case .softplus: return sigmoid(x)
    case .softsign: return 1 / ((1 + abs(x)) * (1 + abs(x)))
    case .logSigmoid: return sigmoid(-x)
    case .mish:
      let t = Elementary.tanh(softplus(x))
      return t + x * (1 - t * t) * sigmoid(x)
    case .silu: return sigmoid(x) * (1 + x * (1 - sigmoid(x)))
    case .gelu(false):
      return 0.5 * (1 + Elementary.erf(x * 0.7071067811865476)) + x * 0.3989422804014327 * Elementary.exp(-x * x / 2)
    case .gelu(true):
      let t = Elementary.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.7978845608028654 * (1 + 0.134145 * x * x)
    case .hardSigmoid(let slope, let offset):
      let y = Double(slope) * x + Double(offset)
      return y > 0 && y < 1 ? Double(slope) : 0
    case .hardSilu: return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5
    case .hardShrink(let bound), .softShrink(let bound): return abs(x) > Double(bound) ? 1 : 0
    case .threshold(let bound, _): return x > Double(bound) ? 1 : 0
    case .tanhShrink: return Elementary.tanh(x) * Elementary.tanh(x)
    case .squareplus(let b): return 0.5 * (1 + x / (x * x + Double(b)).squareRoot())
    case .sparsePlus: return x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2
    }
  }

  /// eˣ - 1; by its series near 0, where the difference would lose digits.
  private func less1(_ x: Double) -> Double {
    abs(x) < 1e-4 ? x * (1 + x / 2 * (1 + x / 3)) : Elementary.exp(x) - 1
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + Elementary.exp(-x)) }

  /// log(1 + eˣ), without overflow.
  private func softplus(_ x: Double) -> Double {
    let small = Elementary.exp(-abs(x))
    // log(1 + s) loses digits of a small s; its series does not.
    let rest = small < 1e-4 ? small * (1 - small / 2 * (1 - 2 * small / 3)) : Elementary.log(1 + small)
    return max(x, 0) + rest
  }
}

extension Activation {
  /// x - largest - log(sum exp).
  func logSoftmax(_ row: UnsafeMutableBufferPointer<Float>) {
    let largest = Double(row.max() ?? 0)
    let sum = row.reduce(0.0) { $0 + Elementary.exp(Double($1) - largest) }
    let rest = largest + Elementary.log(sum)
    for index in row.indices { row[index] = Float(Double(row[index]) - rest) }
  }

  /// Source: Martins & Astudillo, "From softmax to sparsemax", ICML 2016, algorithm 1.
  func sparsemax(_ row: UnsafeMutableBufferPointer<Float>) {
    let sorted = row.sorted(by: >)
    var (sum, threshold) = (0.0, 0.0)
    for (index, value) in sorted.enumerated() {
      sum += Double(value)
      guard 1 + Double(index + 1) * Double(value) > sum else { break }
      threshold = (sum - 1) / Double(index + 1)
    }
    for index in row.indices { row[index] = max(Float(Double(row[index]) - threshold), 0) }
  }

  /// Multiplies a gradient with respect to the function's output by the function's derivative, for every function.
  /// - Parameter input: what the function was applied to.
  func backward(input: Tensor, output: Tensor, gradient: inout Tensor) {
    switch self {
    case .function(let function):
      for index in gradient.values.indices { gradient.values[index] *= function.slope(input.values[index]) }
    case .rectifier(let rectifier):
      for index in gradient.values.indices { gradient.values[index] *= rectifier.slope(input.values[index]) }
    case .softmax, .logSoftmax, .sparsemax:
      let width = output.shape.channels
      for start in stride(from: 0, to: gradient.values.count, by: width) {
        rowBackward(start..<start + width, output, &gradient)
      }
    case .linear, .sigmoid, .tanh:
      gradient.values.withUnsafeMutableBufferPointer { gradient in
        _ = output.values.withUnsafeBufferPointer { backward(output: $0, gradient: gradient) }
      }
    }
  }

  private func rowBackward(_ row: Range<Int>, _ output: Tensor, _ gradient: inout Tensor) {
    let support = row.count { output.values[$0] > 0 }
    let sum = row.reduce(0.0) { sum, index in
      let slope = Double(gradient.values[index])
      switch self {
      case .softmax: return sum + slope * Double(output.values[index])
      case .sparsemax: return sum + (output.values[index] > 0 ? slope / Double(support) : 0)
      default: return sum + slope
      }
    }
    for index in row {
      let (y, slope) = (Double(output.values[index]), Double(gradient.values[index]))
      let value =
        switch self {
        case .softmax: y * (slope - sum)
        case .sparsemax: y > 0 ? slope - sum : 0
        default: slope - Elementary.exp(y) * sum
        }
      gradient.values[index] = Float(value)
    }
  }
}

extension Rectifier {
  fileprivate func slope(_ x: Float) -> Float {
    if let maxValue, x >= maxValue { return 0 }
    return x >= threshold ? 1 : negativeSlope
  }
}
