/// A plain forward pass, one output at a time with sums in double precision: what every faster one is compared with.
package struct ReferencePass {
  package let network: Network

  package init(_ network: Network) { self.network = network }

  /// All nodes' values for one image.
  /// - Parameter image: (H, W, C), scaled.
  package func values(of image: [Float]) throws -> [[Double]] {
    var values: [[Double]] = []
    for (index, node) in network.nodes.enumerated() {
      let inputs = index == 0 ? [image.map(Double.init)] : node.inputs.map { values[$0] }
      values.append(try value(node, inputs, node.inputs.map { network.shapes[$0] }, network.shapes[index]))
    }
    return values
  }

  private func value(_ node: Network.Node, _ inputs: [[Double]], _ shapes: [Shape], _ shape: Shape) throws -> [Double] {
    let x = inputs[0]
    switch node.layer {
    case .input, .flatten, .dropout: return x
    case .convolution(let layer): return apply(layer.activation, try convolve(layer, x, shapes[0], shape), shape)
    case .dense(let layer): return apply(layer.activation, multiply(layer, x), shape)
    case .pooling(let layer): return try pool(layer, x, shapes[0], shape)
    case .globalAveragePooling:
      return (0..<shape.count).map { channel in
        stride(from: channel, to: x.count, by: shape.count).reduce(0) { $0 + x[$1] } / Double(shapes[0].positions)
      }
    case .batchNormalization(let layer):
      return x.indices.map { index in
        let c = index % layer.mean.count
        let normalised =
          (x[index] - Double(layer.mean[c])) / (Double(layer.variance[c]) + Double(layer.epsilon)).squareRoot()
        return Double(layer.gamma?[c] ?? 1) * normalised + Double(layer.beta?[c] ?? 0)
      }
    case .activation(let activation): return apply(activation, x, shape)
    case .add: return x.indices.map { index in inputs.reduce(0) { $0 + $1[index] } }
    case .concatenate(let axis):
      let outer = shape.dimensions[..<axis].reduce(1, *)
      return (0..<outer).flatMap { row in
        inputs.flatMap { input in input[row * input.count / outer..<(row + 1) * input.count / outer] }
      }
    case .rescaling(let scale, let offset):
      return x.indices.map { index in
        let c = index % shape.channels
        return x[index] * Double(scale[c % scale.count]) + Double(offset[c % offset.count])
      }
    case .operation(let box):
      // Operations have no faster form that would be compared with this one.
      let tensors = zip(inputs, shapes).map { Tensor(count: 1, shape: $1, values: $0.map(Float.init)) }
      return try box.operation.forward(tensors, shape: shape).values.map(Double.init)
    }
  }

  private func convolve(_ layer: Convolution, _ x: [Double], _ input: Shape, _ output: Shape) throws -> [Double] {
    let (window, placement) = (layer.window, try layer.window.placement(over: input))
    var result: [Double] = []
    for y in 0..<placement.height {
      for column in 0..<placement.width {
        for filter in 0..<layer.filters {
          var sum = Double(layer.bias?[filter] ?? 0)
          for dy in 0..<window.height {
            for dx in 0..<window.width {
              let sourceY = y * window.strideY + dy - placement.top
              let sourceX = column * window.strideX + dx - placement.left
              guard (0..<input.dimensions[0]).contains(sourceY), (0..<input.dimensions[1]).contains(sourceX) else {
                continue
              }
              for channel in 0..<layer.inputChannels {
                let weight = ((dy * window.width + dx) * layer.inputChannels + channel) * layer.filters + filter
                sum +=
                  x[(sourceY * input.dimensions[1] + sourceX) * input.channels + channel] * Double(layer.kernel[weight])
              }
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  private func multiply(_ layer: Dense, _ x: [Double]) -> [Double] {
    (0..<x.count / layer.inputs).flatMap { row in
      (0..<layer.units).map { unit in
        (0..<layer.inputs).reduce(Double(layer.bias?[unit] ?? 0)) {
          $0 + x[row * layer.inputs + $1] * Double(layer.kernel[$1 * layer.units + unit])
        }
      }
    }
  }

  private func pool(_ layer: Pooling, _ x: [Double], _ input: Shape, _ output: Shape) throws -> [Double] {
    let (window, placement) = (layer.window, try layer.window.placement(over: input))
    var result: [Double] = []
    for y in 0..<placement.height {
      for column in 0..<placement.width {
        for channel in 0..<input.channels {
          var seen: [Double] = []
          for dy in 0..<window.height {
            for dx in 0..<window.width {
              let sourceY = y * window.strideY + dy - placement.top
              let sourceX = column * window.strideX + dx - placement.left
              guard (0..<input.dimensions[0]).contains(sourceY), (0..<input.dimensions[1]).contains(sourceX) else {
                continue
              }
              seen.append(x[(sourceY * input.dimensions[1] + sourceX) * input.channels + channel])
            }
          }
          let sum = seen.reduce(0, +)
          result.append(layer.kind == .maximum ? seen.max() ?? 0 : sum / Double(max(1, seen.count)))
        }
      }
    }
    return result
  }

  private func apply(_ activation: Activation, _ x: [Double], _ shape: Shape) -> [Double] {
    var values = x.map(Float.init)
    if case .rectifier(let rectifier) = activation, rectifier == Rectifier() { return x.map { max($0, 0) } }
    if activation == .linear { return x }
    values.withUnsafeMutableBufferPointer { activation.apply(to: $0, width: shape.channels) }
    return values.map(Double.init)
  }
}
