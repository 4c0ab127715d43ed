import Threads

/// How weights follow a gradient.
public enum OptimizerKind: String, CaseIterable, Sendable {
  /// Stochastic gradient descent with Nesterov's momentum.
  case sgd
  case adam
}

/// Applies gradients to a network's weights, with its own memory of earlier ones.
///
/// Sources: Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning", ICML
/// 2013, in the form that PyTorch gives Nesterov's momentum; Kingma & Ba, "Adam", ICLR 2015, algorithm 1; the limit on
/// the gradient's norm: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
/// algorithm 1. Weight decay is added to the limited gradient of kernels, not of biases.
public struct Optimizer: Equatable, Sendable {
  /// Which rule.
  public let kind: OptimizerKind
  /// Momentum of `sgd`, 0..<1.
  public let momentum: Float
  /// The coefficient of the kernels themselves in their gradients, >= 0.
  public let weightDecay: Float
  /// The largest Euclidean norm of a step's gradient over all weights; 0 for no limit.
  public let clipNorm: Float

  /// What it remembers of earlier steps; another optimiser of the same settings goes on from it to the same weights.
  public var memory = Memory()

  /// What earlier steps leave behind.
  public struct Memory: Equatable, Sendable {
    /// How many there were.
    public var steps = 0
    /// Velocity, or Adam's first moment, by node.
    public var first: [Int: WeightGradient] = [:]
    /// Adam's second moment, by node; empty for `sgd`.
    public var second: [Int: WeightGradient] = [:]

    /// No steps yet.
    public init() {}
  }

  /// An optimiser without memory yet.
  public init(_ kind: OptimizerKind, momentum: Float = 0.9, weightDecay: Float = 0, clipNorm: Float = 0) {
    self.clipNorm = clipNorm
    self.kind = kind
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  /// One step.
  /// - Parameters:
  ///   - network: whose weights change.
  ///   - gradients: by node.
  ///   - rate: the learning rate of this step.
  ///   - threads: how many share the weights; changes speed and nothing else.
  public mutating func step(
    _ network: inout Network, gradients: [Int: WeightGradient], rate: Float, threads: Int = 1
  ) {
    memory.steps += 1
    let scale = clipFactor(gradients, threads: threads)
    for (node, gradient) in gradients {
      // Taken out, so that they have one owner and change in place.
      var velocity =
        memory.first.removeValue(forKey: node)
        ?? WeightGradient(kernel: gradient.kernel.count, bias: gradient.bias.count)
      var square = memory.second.removeValue(forKey: node) ?? WeightGradient(kernel: 0, bias: 0)
      if kind == .adam, square.kernel.isEmpty {
        square = WeightGradient(kernel: gradient.kernel.count, bias: gradient.bias.count)
      }
      network.updateWeights(of: node) { kernel, bias in
        update(&kernel, gradient.kernel, scale, &velocity.kernel, &square.kernel, rate, weightDecay, threads)
        if !bias.isEmpty { update(&bias, gradient.bias, scale, &velocity.bias, &square.bias, rate, 0, 1) }
      }
      memory.first[node] = velocity
      if kind == .adam { memory.second[node] = square }
    }
  }

  /// What shortens the gradient to `clipNorm`; 1 where it is no longer than that.
  private func clipFactor(_ gradients: [Int: WeightGradient], threads: Int) -> Float {
    guard clipNorm > 0 else { return 1 }
    // By node, because a dictionary's order differs between processes.
    let nodes = gradients.keys.sorted()
    let norms = parallelMap(nodes.count, threads: threads) { gradients[nodes[$0]]?.squaredNorm ?? 0 }
    let norm = norms.reduce(0, +).squareRoot()
    return norm > Double(clipNorm) ? Float(Double(clipNorm) / norm) : 1
  }

  /// Weights that one thread takes at once.
  private static let weightsAtOnce = 1 << 16

  private func update(
    _ weights: inout [Float], _ gradient: [Float], _ scale: Float, _ velocity: inout [Float], _ square: inout [Float],
    _ rate: Float, _ decay: Float, _ threads: Int
  ) {
    let (count, size) = (weights.count, Self.weightsAtOnce)
    let (correction1, correction2) = (1 - power(Self.beta1, memory.steps), 1 - power(Self.beta2, memory.steps))
    gradient.withUnsafeBufferPointer { gradient in
      weights.withUnsafeMutableBufferPointer { weights in
        velocity.withUnsafeMutableBufferPointer { velocity in
          square.withUnsafeMutableBufferPointer { square in
            // Threads change disjoint weights.
            nonisolated(unsafe) let (gradient, weights) = (gradient, weights)
            nonisolated(unsafe) let (velocity, square) = (velocity, square)
            _ = parallelMap((count + size - 1) / size, threads: threads) { part in
              let range = part * size..<min(count, (part + 1) * size)
              switch kind {
              case .sgd:
                for index in range {
                  let slope = scale * gradient[index] + decay * weights[index]
                  velocity[index] = momentum * velocity[index] + slope
                  weights[index] -= rate * (slope + momentum * velocity[index])
                }
              case .adam:
                let (beta1, beta2, epsilon) = (Self.beta1, Self.beta2, Float(1e-8))
                for index in range {
                  let slope = scale * gradient[index] + decay * weights[index]
                  velocity[index] = beta1 * velocity[index] + (1 - beta1) * slope
                  square[index] = beta2 * square[index] + (1 - beta2) * slope * slope
                  weights[index] -=
                    rate * (velocity[index] / correction1) / ((square[index] / correction2).squareRoot() + epsilon)
                }
              }
            }
          }
        }
      }
    }
  }

  private static let beta1: Float = 0.9, beta2: Float = 0.999

  private func power(_ base: Float, _ exponent: Int) -> Float {
    (0..<exponent).reduce(Float(1)) { value, _ in value * base }
  }
}

extension Network {
  /// Changes the weights of one node in place; the bias is empty for a layer without one.
  fileprivate mutating func updateWeights(of node: Int, _ body: (inout [Float], inout [Float]) -> Void) {
    switch takeLayer(node) {
    case .convolution(var layer):
      var bias = layer.bias ?? []
      layer.bias = layer.bias == nil ? nil : []
      body(&layer.kernel, &bias)
      if layer.bias != nil { layer.bias = bias }
      self = replacing(node, by: .convolution(layer))
    case .dense(var layer):
      var bias = layer.bias ?? []
      layer.bias = layer.bias == nil ? nil : []
      body(&layer.kernel, &bias)
      if layer.bias != nil { layer.bias = bias }
      self = replacing(node, by: .dense(layer))
    case .batchNormalization(var layer):
      var (gamma, beta) = (layer.gamma ?? [], layer.beta ?? [])
      body(&gamma, &beta)
      if layer.gamma != nil { layer.gamma = gamma }
      if layer.beta != nil { layer.beta = beta }
      self = replacing(node, by: .batchNormalization(layer))
    case .operation(var box):
      var (kernel, bias) = (box.operation.kernel, box.operation.bias)
      body(&kernel, &bias)
      box.operation.kernel = kernel
      box.operation.bias = bias
      self = replacing(node, by: .operation(box))
    case let other: self = replacing(node, by: other)
    }
  }

  /// Takes a layer out, so that its arrays have one owner and change in place.
  private mutating func takeLayer(_ node: Int) -> Layer {
    let layer = nodes[node].layer
    self = replacing(node, by: .flatten)
    return layer
  }
}
