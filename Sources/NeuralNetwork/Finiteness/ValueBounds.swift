extension Network {
  /// Whether no value of the network, nor any part of a sum, can overflow for images of numbers up to `largest`.
  ///
  /// Of each layer's answers the largest possible magnitude is followed, in double precision. It grows by the largest sum of a
  /// channel's absolute weights, far faster than values do, so that a network of many layers may not be bounded though its values
  /// are small.
  func isBounded(for largest: Double) -> Bool {
    var bounds: [Double] = []
    for (index, node) in nodes.enumerated() {
      let inputs = node.inputs.map { bounds[$0] }
      guard let bound = node.layer.bound(inputs, shapes[node.inputs.first ?? index], largest), bound < Self.safeBound
      else {
        return false
      }
      bounds.append(bound)
    }
    return true
  }

  /// Far below the largest float, 3.4e38: fast convolutions add numbers some times as large on the way.
  fileprivate static let safeBound = 1e34
}

extension Layer {
  /// The largest magnitude of the answers; nil where it is not known.
  /// - Parameters:
  ///   - inputs: those of the inputs.
  ///   - shape: of the first input.
  ///   - image: that of the network's images.
  fileprivate func bound(_ inputs: [Double], _ shape: Shape, _ image: Double) -> Double? {
    let input = inputs.max() ?? image
    switch self {
    case .input: return image
    case .convolution(let layer):
      return layer.activation.bound(sum(layer.kernel, layer.bias, outputs: layer.filters, times: input))
    case .dense(let layer):
      return layer.activation.bound(sum(layer.kernel, layer.bias, outputs: layer.units, times: input))
    case .pooling(let layer):
      return input * Double(layer.kind == .maximum ? 1 : layer.window.height * layer.window.width)
    case .globalAveragePooling: return input * Double(shape.positions)
    case .batchNormalization(let layer):
      return layer.mean.indices.reduce(0) { most, channel in
        let deviation = (Double(layer.variance[channel]) + Double(layer.epsilon)).squareRoot()
        let factor = abs(Double(layer.gamma?[channel] ?? 1)) / deviation
        return max(most, factor * (input + abs(Double(layer.mean[channel]))) + abs(Double(layer.beta?[channel] ?? 0)))
      }
    case .flatten, .dropout, .concatenate: return input
    case .activation(let activation): return activation.bound(input)
    case .add: return inputs.reduce(0, +)
    case .rescaling(let scale, let offset):
      return input * Double(scale.map(abs).max() ?? 1) + Double(offset.map(abs).max() ?? 0)
    case .operation(let box):
      let moves = box.operation is Reshaping || box.operation is Permutation || box.operation is Selection
      return moves || box.operation is Padding ? input : box.operation is BinaryLogits ? max(input, 0.5) : nil
    }
  }

  /// The largest sum of a channel's absolute weights times `input`, and the largest bias.
  private func sum(_ kernel: [Float], _ bias: [Float]?, outputs: Int, times input: Double) -> Double {
    var sums = [Double](repeating: 0, count: outputs)
    kernel.withUnsafeBufferPointer { kernel in
      sums.withUnsafeMutableBufferPointer { sums in
        for start in stride(from: 0, to: kernel.count, by: outputs) {
          for output in 0..<outputs { sums[output] += Double(abs(kernel[start + output])) }
        }
      }
    }
    return (sums.max() ?? 0) * input + Double(bias?.map(abs).max() ?? 0)
  }
}

extension Activation {
  /// The largest magnitude of the answers to numbers up to `input`; nil where it is not known.
  fileprivate func bound(_ input: Double) -> Double? {
    // What goes in must not overflow either.
    guard input < Network.safeBound else { return nil }
    switch self {
    case .linear: return input
    case .rectifier(let rectifier):
      return max(input, abs(Double(rectifier.negativeSlope)) * (input + abs(Double(rectifier.threshold))))
    case .sigmoid, .tanh, .softmax, .sparsemax: return 1
    case .logSoftmax, .function: return nil
    }
  }
}
