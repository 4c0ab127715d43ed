/// One layer of a network: what it computes and its weights.
public enum Layer: Equatable, Sendable {
  /// Where the images come in.
  case input(Shape)
  case convolution(Convolution)
  case pooling(Pooling)
  /// The mean over all positions: (H, W, C) → (C), or (1, 1, C).
  case globalAveragePooling(keepsDimensions: Bool)
  case batchNormalization(BatchNormalization)
  /// (H, W, C) → (H x W x C), in that order.
  case flatten
  case dense(Dense)
  case activation(Activation)
  /// The sum of its inputs.
  case add
  /// Its inputs one behind the other; axis 0 is the first axis of one image's value.
  case concatenate(axis: Int)
  /// Does nothing outside training.
  case dropout(rate: Double)
  /// x scale + offset; one value, or one a channel.
  case rescaling(scale: [Float], offset: [Float])
  /// Any of the primitives in `Operations`.
  case operation(AnyOperation)

  /// How many inputs the layer takes.
  package var arity: ClosedRange<Int> {
    switch self {
    case .input: 0...0
    case .add, .concatenate: 1...1024
    case .operation(let box): box.operation.arity
    default: 1...1
    }
  }

  /// The shape of one image's output, given those of its inputs.
  /// - Throws: `NetworkError` where the layer does not take them.
  package func outputShape(_ inputs: [Shape]) throws -> Shape {
    switch self {
    case .input(let shape): shape
    case .convolution(let layer): try layer.outputShape(inputs[0])
    case .pooling(let layer): try layer.outputShape(inputs[0])
    case .globalAveragePooling(let keeps): try Merging.globalAverageShape(inputs[0], keepsDimensions: keeps)
    case .batchNormalization(let layer): try layer.outputShape(inputs[0])
    case .flatten: try Shape([inputs[0].count])
    case .dense(let layer): try layer.outputShape(inputs[0])
    case .activation, .dropout: inputs[0]
    case .add: try Merging.addShape(inputs)
    case .concatenate(let axis): try Merging.concatenationShape(inputs, axis: axis)
    case .rescaling(let scale, let offset): try Merging.rescaledShape(inputs[0], scale: scale, offset: offset)
    case .operation(let box): try box.operation.outputShape(inputs)
    }
  }

  /// - Parameter shape: what `outputShape` answered for these inputs.
  func forward(_ inputs: [Tensor], shape: Shape) throws -> Tensor {
    switch self {
    case .input: inputs[0]
    case .convolution(let layer): try layer.forward(inputs[0], shape: shape)
    case .pooling(let layer): try layer.forward(inputs[0], shape: shape)
    case .globalAveragePooling: Merging.globalAverage(inputs[0], shape: shape)
    case .batchNormalization(let layer): layer.forward(inputs[0])
    case .flatten: Tensor(count: inputs[0].count, shape: shape, values: inputs[0].values)
    case .dense(let layer): layer.forward(inputs[0], shape: shape)
    case .activation(let activation): apply(activation, to: inputs[0])
    case .add: Merging.add(inputs)
    case .concatenate(let axis): Merging.concatenate(inputs, axis: axis, shape: shape)
    case .dropout: inputs[0]
    case .rescaling(let scale, let offset): Merging.rescale(inputs[0], scale: scale, offset: offset)
    case .operation(let box): try box.operation.forward(inputs, shape: shape)
    }
  }

  /// The function that the layer ends in.
  package var finalActivation: Activation {
    switch self {
    case .convolution(let layer): layer.activation
    case .dense(let layer): layer.activation
    case .activation(let activation): activation
    case .operation(let box): box.operation.activation
    default: .linear
    }
  }

  /// The same layer without the function that it ends in.
  var withoutActivation: Layer {
    switch self {
    case .convolution(var layer):
      layer.activation = .linear
      return .convolution(layer)
    case .dense(var layer):
      layer.activation = .linear
      return .dense(layer)
    case .activation: return .activation(.linear)
    case .operation(var box):
      box.operation.activation = .linear
      return .operation(box)
    default: return self
    }
  }

  private func apply(_ activation: Activation, to input: Tensor) -> Tensor {
    guard activation != .linear else { return input }
    var output = input
    output.values.withUnsafeMutableBufferPointer { activation.apply(to: $0, width: input.shape.channels) }
    return output
  }
}

extension Layer {
  /// How many numbers the layer stores, trained or not.
  public var parameterCount: Int {
    switch self {
    case .convolution(let layer): layer.kernel.count + (layer.bias?.count ?? 0)
    case .dense(let layer): layer.kernel.count + (layer.bias?.count ?? 0)
    case .batchNormalization(let layer):
      layer.mean.count + layer.variance.count + (layer.gamma?.count ?? 0) + (layer.beta?.count ?? 0)
    case .operation(let box): box.parameterCount
    default: 0
    }
  }
}
