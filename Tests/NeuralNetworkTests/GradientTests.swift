import NeuralNetwork
import Testing

/// Every backward pass against central finite differences of the loss.
@Suite struct GradientTests {
  private static let labels = [1, 0, 2]

  /// A network of the given layers between an input of 6 x 5 x 2 and three classes.
  private func network(_ middle: [Layer], classes: Int = 3, seed: UInt64 = 4) throws -> Network {
    var nodes = [Network.Node(name: "input", layer: .input(try Shape([6, 5, 2])), inputs: [])]
    for (index, layer) in middle.enumerated() {
      nodes.append(Network.Node(name: "layer_\(index)", layer: layer, inputs: [index]))
    }
    nodes.append(Network.Node(name: "flatten", layer: .flatten, inputs: [nodes.count - 1]))
    let width = try Network(nodes: nodes).classes
    var generator = SeededGenerator(seed: seed, stream: [9])
    let kernel = (0..<width * classes).map { _ in Float(generator.normal()) / Float(width).squareRoot() }
    let dense = Dense(inputs: width, units: classes, kernel: kernel, bias: [Float](repeating: 0, count: classes))
    nodes.append(Network.Node(name: "answer", layer: .dense(dense), inputs: [nodes.count - 1]))
    return try Network(nodes: nodes)
  }

  private func convolution(
    _ window: Window, from channels: Int, to filters: Int, _ activation: Activation = .linear, bias: Bool = true
  ) -> Layer {
    var generator = SeededGenerator(seed: 5, stream: [UInt64(filters)])
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.normal()) * 0.4 } }
    return .convolution(
      Convolution(
        window: window, inputChannels: channels, filters: filters,
        kernel: numbers(window.height * window.width * channels * filters), bias: bias ? numbers(filters) : nil,
        activation: activation))
  }

  private func images() throws -> Tensor {
    var generator = SeededGenerator(seed: 6)
    let shape = try Shape([6, 5, 2])
    return Tensor(count: 3, shape: shape, values: (0..<3 * shape.count).map { _ in Float(generator.normal()) })
  }

  /// Compares the gradient of every weight of `network` with finite differences.
  private func check(_ network: Network) throws {
    let images = try images()
    let pass = try BackwardPass(network, threads: 1).run(images: images, labels: Self.labels)
    #expect(!pass.gradients.isEmpty)
    for (node, gradient) in pass.gradients {
      for (index, ours) in gradient.kernel.enumerated() {
        try compare(ours, slope(network, images) { $0.change(node, kernel: index, by: $1) }, "\(node) kernel \(index)")
      }
      guard network.nodes[node].layer.hasBias else { continue }
      for (index, ours) in gradient.bias.enumerated() {
        try compare(ours, slope(network, images) { $0.change(node, bias: index, by: $1) }, "\(node) bias \(index)")
      }
    }
  }

  /// (loss(w + h) - loss(w - h)) / 2h; with h = 1/128 a smooth loss is off by about 1e-4, and single precision by less.
  private func slope(
    _ network: Network, _ images: Tensor, _ change: (inout [Network.Node], Float) -> Void
  ) throws -> Double {
    let step: Float = 1 / 128
    let losses = try [step, -step].map { step in
      var nodes = network.nodes
      change(&nodes, step)
      return try BackwardPass(Network(nodes: nodes), threads: 1).run(images: images, labels: Self.labels).loss
    }
    return (losses[0] - losses[1]) / Double(2 * step)
  }

  private func compare(_ ours: Float, _ numeric: Double, _ place: String) throws {
    #expect(abs(Double(ours) - numeric) < 2e-3 * (1 + abs(numeric)), "\(place): \(ours) against \(numeric)")
  }

  @Test func dense() throws { try check(network([.flatten])) }

  @Test(arguments: [Activation.linear, .tanh, .sigmoid])
  func convolutionWithEachActivation(_ activation: Activation) throws {
    try check(network([convolution(Window(height: 3, width: 2), from: 2, to: 3, activation)]))
  }

  @Test func convolutionWithStridePaddingAndNoBias() throws {
    let window = try Window(height: 3, width: 3, strideY: 2, strideX: 1, padding: .same)
    try check(network([convolution(window, from: 2, to: 3, bias: false)]))
  }

  @Test func convolutionBehindConvolution() throws {
    let window = try Window(height: 2, width: 2)
    try check(network([convolution(window, from: 2, to: 3, .tanh), convolution(window, from: 3, to: 2)]))
  }

  @Test(arguments: [Pooling.Kind.maximum, .average], [Window.Padding.valid, .same])
  func pooling(_ kind: Pooling.Kind, _ padding: Window.Padding) throws {
    let first = convolution(try Window(height: 2, width: 2), from: 2, to: 3, .tanh)
    let window = try Window(height: 2, width: 2, strideY: 2, strideX: 2, padding: padding)
    try check(network([first, .pooling(Pooling(kind, window: window))]))
  }

  @Test func overlappingMaximum() throws {
    let first = convolution(try Window(height: 2, width: 2), from: 2, to: 2)
    try check(network([first, .pooling(Pooling(.maximum, window: try Window(height: 3, width: 3)))]))
  }

  @Test func rectifierBetweenLayers() throws {
    let first = convolution(try Window(height: 3, width: 3), from: 2, to: 4)
    try check(network([first, .activation(.relu)]))
  }

  @Test func sumOfTwoBranches() throws {
    var nodes = try network([convolution(Window(height: 2, width: 2), from: 2, to: 3, .tanh)]).nodes.dropLast(2).map {
      $0
    }
    nodes.append(
      Network.Node(
        name: "left", layer: convolution(try Window(height: 2, width: 2), from: 3, to: 2), inputs: [1]))
    nodes.append(
      Network.Node(
        name: "right", layer: convolution(try Window(height: 2, width: 2), from: 3, to: 2, .tanh), inputs: [1]))
    nodes.append(Network.Node(name: "sum", layer: .add, inputs: [2, 3]))
    nodes.append(Network.Node(name: "flatten", layer: .flatten, inputs: [4]))
    let width = try Network(nodes: nodes).classes
    let kernel = (0..<width * 3).map { Float(($0 * 7) % 11 - 5) / 20 }
    nodes.append(
      Network.Node(
        name: "answer", layer: .dense(Dense(inputs: width, units: 3, kernel: kernel, bias: [0, 0, 0])), inputs: [5]))
    try check(Network(nodes: nodes))
  }

  /// Layers that have no lanes of their own, each behind a convolution and before another.
  private static let middles: [Layer] = [
    .batchNormalization(
      BatchNormalization(
        gamma: [1, 0.5, 2], beta: [0, 0.3, -1], mean: [0.2, -1, 0], variance: [1, 0.5, 2], epsilon: 1e-3)),
    .globalAveragePooling(keepsDimensions: true), .dropout(rate: 0.5), .rescaling(scale: [2, 1, 0.5], offset: [1]),
    .activation(.softmax), .activation(.logSoftmax), .activation(.function(.silu)),
    .activation(.rectifier(Rectifier(maxValue: 6, negativeSlope: 0.9))),
    OwnNormalization(.axes([2]), shape: [3], gamma: [1, 2, 3], beta: [0, 1, 0], epsilon: 0.01).layer,
    Padding(top: 1, left: 0, bottom: 0, right: 2).layer,
  ]

  @Test(arguments: middles.indices)
  func layersBetweenConvolutions(_ index: Int) throws {
    let first = convolution(try Window(height: 2, width: 2), from: 2, to: 3, .function(.softplus))
    let second = convolution(try Window(height: 1, width: 1), from: 3, to: 2)
    try check(network([first, Self.middles[index], second]))
  }

  @Test func groupedConvolutionWithActivation() throws {
    let layer = try GroupedConvolution(
      WindowGeometry(height: 2, width: 2, edge: .same), inputChannels: 2, filters: 4, groups: 2,
      kernel: (0..<16).map { Float($0 % 5) / 5 - 0.4 }, bias: [0, 0.1, 0.2, 0.3], activation: .function(.silu))
    try check(network([layer.layer]))
  }
}

/// Schedules and optimisers by hand.
@Suite struct OptimizerTests {
  private func weight(_ value: Float) throws -> Network {
    try Network(nodes: [
      Network.Node(name: "input", layer: .input(try Shape([1, 1, 1])), inputs: []),
      Network.Node(name: "flatten", layer: .flatten, inputs: [0]),
      Network.Node(
        name: "dense", layer: .dense(Dense(inputs: 1, units: 2, kernel: [value, 0], bias: nil)), inputs: [1]),
    ])
  }

  private func trained(_ kind: OptimizerKind, steps: Int, decay: Float = 0, clipNorm: Float = 0) throws -> Float {
    var network = try weight(1)
    var optimizer = Optimizer(kind, momentum: 0.9, weightDecay: decay, clipNorm: clipNorm)
    let images = Tensor(count: 1, shape: try Shape([1, 1, 1]), values: [1])
    for _ in 0..<steps {
      let result = try BackwardPass(network, threads: 1).run(images: images, labels: [0])
      optimizer.step(&network, gradients: result.gradients, rate: 0.1)
    }
    guard case .dense(let dense) = network.nodes[2].layer else { return .nan }
    return dense.kernel[0]
  }

  // d loss / d w = softmax([w, u])[0] - 1; at w = 1, u = 0 it is -0.268941.
  @Test func oneStepOfNesterovsMomentum() throws {
    #expect(abs(try trained(.sgd, steps: 1) - (1 + 0.1 * 1.9 * 0.268941)) < 1e-5)
  }

  @Test func oneStepOfAdamIsTheRate() throws {
    #expect(abs(try trained(.adam, steps: 1) - 1.1) < 1e-5)
  }

  @Test func weightDecayPullsBack() throws {
    #expect(abs(try trained(.sgd, steps: 1, decay: 0.5) - (1 + 0.19 * (0.268941 - 0.5))) < 1e-5)
  }

  // The gradient is (-0.268941, 0.268941) and no bias is there to make it longer: its norm is 0.380340.
  @Test func gradientsAreLimitedToANorm() throws {
    let shortened = 1 + 0.19 * 0.268941 * 0.1 / 0.380340
    #expect(abs(try trained(.sgd, steps: 1, clipNorm: 0.1) - Float(shortened)) < 1e-6)
    #expect(try trained(.sgd, steps: 1, clipNorm: 0.5) == trained(.sgd, steps: 1))
  }

  @Test func oneCycleRisesThenFalls() {
    let factors = (0..<100).map { LearningRateSchedule.oneCycle.factor(step: $0, of: 100) }
    #expect(abs(factors[0] - 0.5 / 15) < 1e-12)
    #expect(factors.max() ?? 0 > 0.999 && factors.allSatisfy { $0 > 0 && $0 <= 1 })
    #expect(factors[..<15] == factors[..<15].sorted()[...])
    #expect(factors[15...] == factors[15...].sorted(by: >)[...])
    #expect(LearningRateSchedule.constant.factor(step: 7, of: 9) == 1)
  }
}

extension Layer {
  fileprivate var hasBias: Bool {
    switch self {
    case .convolution(let layer): layer.bias != nil
    case .dense(let layer): layer.bias != nil
    case .batchNormalization(let layer): layer.beta != nil
    case .operation(let box): !box.operation.bias.isEmpty
    default: false
    }
  }
}

extension [Network.Node] {
  fileprivate mutating func change(_ node: Int, kernel index: Int, by step: Float) {
    switch self[node].layer {
    case .convolution(var layer):
      layer.kernel[index] += step
      self[node].layer = .convolution(layer)
    case .dense(var layer):
      layer.kernel[index] += step
      self[node].layer = .dense(layer)
    case .batchNormalization(var layer):
      layer.gamma?[index] += step
      self[node].layer = .batchNormalization(layer)
    case .operation(var box):
      box.operation.kernel[index] += step
      self[node].layer = .operation(box)
    default: break
    }
  }

  fileprivate mutating func change(_ node: Int, bias index: Int, by step: Float) {
    switch self[node].layer {
    case .convolution(var layer):
      layer.bias?[index] += step
      self[node].layer = .convolution(layer)
    case .dense(var layer):
      layer.bias?[index] += step
      self[node].layer = .dense(layer)
    case .batchNormalization(var layer):
      layer.beta?[index] += step
      self[node].layer = .batchNormalization(layer)
    case .operation(var box):
      box.operation.bias[index] += step
      self[node].layer = .operation(box)
    default: break
    }
  }
}
