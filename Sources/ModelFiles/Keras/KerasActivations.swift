import Files
import NeuralNetwork

extension KerasSettings {
  /// The function that the layer ends in.
  func activation(_ key: String = "activation") throws -> Activation {
    let value = layer.settings[key] ?? .null
    if value == .null { return .linear }
    if let found = try activation(of: value) { return found }
    throw error("activation \(describe(value))", expected: "a function of keras.activations without code of its own")
  }

  /// The function that a setting names, or a layer that stands for one; nil for one that is not known.
  private func activation(of value: JSONValue) throws -> Activation? {
    // Keras 3 may write a function as {"class_name": "function", "config": "relu"}.
    if let name = value.string ?? value["config"]?.string { return Self.activation(named: name, generation) }
    guard let className = value["class_name"]?.string, let settings = value["config"] else { return nil }
    let inner = KerasLayer(className: className, name: layer.name, settings: settings, inputs: [])
    return try KerasSettings(layer: inner, location: location, generation: generation, weights: [:]).layerActivation()
  }

  /// The function of a layer that is nothing else; nil for any other class.
  func layerActivation() throws -> Activation? {
    switch layer.className {
    case "ReLU":
      let maximum = has("max_value") ? Float(try number("max_value", default: 0)) : nil
      return .rectifier(
        Rectifier(
          maxValue: maximum, negativeSlope: Float(try number("negative_slope", default: 0)),
          threshold: Float(try number("threshold", default: 0))))
    case "LeakyReLU":
      return .rectifier(Rectifier(negativeSlope: Float(try number("negative_slope", "alpha", default: 0.3))))
    case "ThresholdedReLU": return .function(.threshold(Float(try number("theta", default: 1)), 0))
    case "ELU": return .function(.elu(Float(try number("alpha", default: 1))))
    case "Activation": return try activation()
    default: return nil
    }
  }

  /// A function by its name in `keras.activations`. Not sparsemax: Keras 3 adds up all sums of the support where the published
  /// function takes the last, so that its networks compute something else under this name.
  static func activation(named name: String, _ generation: Int) -> Activation? {
    switch name {
    case "linear": .linear
    case "relu": .relu
    case "relu6": .rectifier(Rectifier(maxValue: 6))
    case "leaky_relu": .rectifier(Rectifier(negativeSlope: 0.2))
    case "softmax": .softmax
    case "sigmoid": .sigmoid
    case "tanh": .tanh
    case "elu": .function(.elu(1))
    case "selu": .function(.selu(alpha: 1.6732632, scale: 1.050701))
    case "celu": .function(.celu(1))
    case "gelu": .function(.gelu(isApproximate: false))
    case "silu", "swish": .function(.silu)
    case "mish": .function(.mish)
    case "exponential": .function(.exponential)
    case "softplus": .function(.softplus)
    case "softsign": .function(.softsign)
    case "hard_sigmoid":
      // Keras 3 changed it. Source: Keras, activations.hard_sigmoid of both.
      .function(generation < 3 ? .hardSigmoid(slope: 0.2, offset: 0.5) : .hardSigmoid(slope: 1 / 6, offset: 0.5))
    case "hard_silu", "hard_swish": .function(.hardSilu)
    case "hard_tanh": .function(.clip(-1, 1))
    case "hard_shrink": .function(.hardShrink(0.5))
    case "soft_shrink": .function(.softShrink(0.5))
    case "tanh_shrink": .function(.tanhShrink)
    case "threshold": .function(.threshold(0, 0))
    case "squareplus": .function(.squareplus(4))
    case "sparse_plus": .function(.sparsePlus)
    case "sparse_sigmoid": .function(.hardSigmoid(slope: 0.5, offset: 0.5))
    case "log_sigmoid": .function(.logSigmoid)
    case "log_softmax": .logSoftmax
    default: nil
    }
  }
}
