/// What a plain layer's backward pass gives for some images.
struct LayerGradients {
  /// One for each input; none where none is wanted.
  var inputs: [Tensor]
  /// nil for a layer without weights.
  var weights: WeightGradient?
  /// What the gradient of a dense kernel is made of, which `weights` lacks.
  var dense: DenseSlopes?

  init(_ inputs: [Tensor], weights: WeightGradient? = nil, dense: DenseSlopes? = nil) {
    (self.inputs, self.weights, self.dense) = (inputs, weights, dense)
  }
}

extension Layer {
  /// Whether it normalises by statistics.
  var isBatchNormalization: Bool { if case .batchNormalization = self { true } else { false } }

  /// The gradients with respect to the layer's inputs and weights, by the plain layer.
  /// - Parameters:
  ///   - inputs: what `forward` was given, and `output` what it answered.
  ///   - upstream: with respect to the output.
  func gradients(
    of inputs: [Tensor], output: Tensor, upstream: Tensor, wantsInput: Bool
  ) throws -> LayerGradients {
    var gradient = upstream
    let activation = finalActivation
    let isDone = gradient.values.withUnsafeMutableBufferPointer { gradient in
      output.values.withUnsafeBufferPointer { activation.backward(output: $0, gradient: gradient) }
    }
    if !isDone {
      let sums = try withoutActivation.forward(inputs, shape: output.shape)
      activation.backward(input: sums, output: output, gradient: &gradient)
    }
    switch self {
    case .input: return LayerGradients([])
    case .convolution(let layer):
      let result = try layer.backward(inputs[0], gradient: gradient, wantsInput: wantsInput)
      return LayerGradients(result.input.map { [$0] } ?? [], weights: result.weights)
    case .dense(let layer):
      var weights = WeightGradient(kernel: 0, bias: layer.bias?.count ?? 0)
      gradient.values.withUnsafeBufferPointer { weights.addBias($0) }
      return LayerGradients(
        wantsInput ? [layer.inputGradient(gradient, shape: inputs[0].shape)] : [], weights: weights,
        dense: DenseSlopes(input: inputs[0], gradient: gradient))
    case .pooling(let layer): return LayerGradients([try layer.backward(inputs[0], gradient: gradient)])
    case .flatten:
      return LayerGradients([Tensor(count: gradient.count, shape: inputs[0].shape, values: gradient.values)])
    case .activation: return LayerGradients([gradient])
    case .add: return LayerGradients(inputs.map { _ in gradient })
    case .globalAveragePooling:
      return LayerGradients([Merging.globalAverageGradient(gradient, shape: inputs[0].shape)])
    case .batchNormalization(let layer):
      let result = layer.backward(inputs[0], gradient: gradient)
      return LayerGradients([result.input], weights: result.weights)
    case .concatenate(let axis):
      return LayerGradients(Merging.split(gradient, axis: axis, shapes: inputs.map(\.shape)))
    // Outside of training a network drops nothing; neither does the training of this program.
    case .dropout: return LayerGradients([gradient])
    case .rescaling(let scale, _): return LayerGradients([Merging.rescale(gradient, scale: scale, offset: [0])])
    case .operation(let box):
      let result = try box.operation.backward(inputs, output: output, gradient: gradient)
      return LayerGradients(result.inputs, weights: result.weights)
    }
  }
}
