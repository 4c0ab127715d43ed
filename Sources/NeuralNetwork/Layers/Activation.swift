/// An elementwise function, or the softmax over the last axis.
public enum Activation: Equatable, Sendable {
  case linear
  case rectifier(Rectifier)
  case softmax
  case sigmoid
  case tanh
  /// Any other function of one number.
  case function(ElementFunction)
  /// The logarithm of the softmax over the last axis.
  case logSoftmax
  /// The projection onto the probabilities over the last axis.
  case sparsemax

  /// max(x, 0).
  public static let relu = Activation.rectifier(Rectifier())

  /// Whether the function answers 0 for 0, so that a silenced channel stays silent behind it.
  public var keepsZero: Bool {
    switch self {
    case .linear, .tanh: true
    case .rectifier(let rectifier): rectifier.value(0) == 0
    case .softmax, .sigmoid, .logSoftmax, .sparsemax: false
    case .function(let function): function.value(0) == 0
    }
  }

  /// Whether each number of the output depends on one number of the input alone.
  public var isElementwise: Bool {
    switch self {
    case .softmax, .logSoftmax, .sparsemax: false
    default: true
    }
  }

  /// Applies the function in place to rows of `width` values.
  func apply(to values: UnsafeMutableBufferPointer<Float>, width: Int) {
    switch self {
    case .linear: break
    case .rectifier(let rectifier):
      if rectifier == Rectifier() {
        forEachFour(of: values.count) { index in
          let four = values.four(at: index)
          values.store(four.replacing(with: 0, where: .!(four .> 0)), at: index)
        } rest: { index in
          if !(values[index] > 0) { values[index] = 0 }
        }
      } else {
        for index in values.indices { values[index] = rectifier.value(values[index]) }
      }
    case .sigmoid: for index in values.indices { values[index] = 1 / (1 + Elementary.exp(-values[index])) }
    case .tanh: for index in values.indices { values[index] = Elementary.tanh(values[index]) }
    case .softmax:
      for start in stride(from: 0, to: values.count, by: width) {
        softmax(UnsafeMutableBufferPointer(rebasing: values[start..<start + width]))
      }
    case .function(let function): for index in values.indices { values[index] = function.value(values[index]) }
    case .logSoftmax, .sparsemax:
      for start in stride(from: 0, to: values.count, by: width) {
        let row = UnsafeMutableBufferPointer(rebasing: values[start..<start + width])
        self == .logSoftmax ? logSoftmax(row) : sparsemax(row)
      }
    }
  }

  /// Of a function that is max(x, 0) up to a ceiling: the ceiling, infinite for max(x, 0) itself; nil for other functions.
  var ceiling: Float? {
    switch self {
    case .rectifier(let rectifier) where rectifier.negativeSlope == 0 && rectifier.threshold == 0:
      rectifier.maxValue ?? .infinity
    case .function(.clip(0, let high)) where high > 0: high
    default: nil
    }
  }

  /// Multiplies a gradient with respect to the function's output by the function's derivative, told by that output.
  /// - Returns: false for the functions whose derivative their output alone does not tell.
  func backward(output: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>) -> Bool {
    switch self {
    case .linear: return true
    case .rectifier(Rectifier()):
      forEachFour(of: gradient.count) { index in
        gradient.store(gradient.four(at: index).replacing(with: 0, where: .!(output.four(at: index) .> 0)), at: index)
      } rest: { index in
        if !(output[index] > 0) { gradient[index] = 0 }
      }
      return true
    case .sigmoid:
      for index in gradient.indices { gradient[index] *= output[index] * (1 - output[index]) }
      return true
    case .tanh:
      for index in gradient.indices { gradient[index] *= 1 - output[index] * output[index] }
      return true
    case .rectifier, .softmax, .function, .logSoftmax, .sparsemax: return false
    }
  }

  private func softmax(_ row: UnsafeMutableBufferPointer<Float>) {
    row.divide(by: row.exponentiate(less: row.max() ?? 0))
  }
}

/// The general rectifier: maxValue for x >= maxValue, x for threshold <= x < maxValue, negativeSlope * (x - threshold) below.
///
/// Source: Keras, layers/activations/relu (its three parameters).
public struct Rectifier: Equatable, Sendable {
  /// Where the function stops rising; nil for nowhere.
  public var maxValue: Float?
  /// The slope below the threshold.
  public var negativeSlope: Float
  /// Where the function starts to be the identity.
  public var threshold: Float

  /// The plain max(x, 0) unless told otherwise.
  public init(maxValue: Float? = nil, negativeSlope: Float = 0, threshold: Float = 0) {
    self.maxValue = maxValue
    self.negativeSlope = negativeSlope
    self.threshold = threshold
  }

  func value(_ x: Float) -> Float {
    if let maxValue, x >= maxValue { return maxValue }
    return x >= threshold ? x : negativeSlope * (x - threshold)
  }
}
