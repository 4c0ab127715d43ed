import NeuralNetwork
import Testing

/// Every primitive's backward pass against central finite differences.
@Suite struct OperationGradientTests {
  /// Of the sum of the outputs, each times a fixed random number.
  private func check(
    _ operation: some LayerOperation, _ shapes: [Int]..., positive: Bool = false,
    location: SourceLocation = #_sourceLocation
  ) throws {
    var random = Numbers()
    let inputs = try shapes.map { shape in
      let shape = try Shape(shape)
      return Tensor(count: 2, shape: shape, values: random.next(2 * shape.count).map { positive ? abs($0) + 0.5 : $0 })
    }
    let shape = try operation.outputShape(inputs.map(\.shape))
    var linear: any LayerOperation = operation
    linear.activation = .linear
    let output = try linear.forward(inputs, shape: shape)
    let upstream = Tensor(count: 2, shape: shape, values: random.next(output.values.count))
    func loss(_ operation: any LayerOperation, _ inputs: [Tensor]) throws -> Double {
      zip(try operation.forward(inputs, shape: shape).values, upstream.values).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    let gradient = try linear.backward(inputs, output: output, gradient: upstream)
    // A step of a power of two is exact; the loss is off by its third derivative times 1/24,000.
    let step: Float = 1 / 64
    func slope(_ change: (Float) throws -> Double) throws -> Double {
      (try change(step) - change(-step)) / Double(2 * step)
    }
    func compare(_ ours: Float, _ numeric: Double, _ place: String) {
      #expect(
        abs(Double(ours) - numeric) < 4e-3 * (1 + abs(numeric)), "\(place): \(ours), \(numeric)",
        sourceLocation: location)
    }
    #expect(gradient.inputs.count == inputs.count, sourceLocation: location)
    for (input, ours) in gradient.inputs.enumerated() {
      #expect(ours.shape == inputs[input].shape, sourceLocation: location)
      for index in ours.values.indices {
        let numeric = try slope { step in
          var changed = inputs
          changed[input].values[index] += step
          return try loss(linear, changed)
        }
        compare(ours.values[index], numeric, "input \(input) at \(index)")
      }
    }
    for (index, ours) in (gradient.weights?.kernel ?? []).enumerated() {
      let numeric = try slope { step in
        var changed = linear
        changed.kernel[index] += step
        return try loss(changed, inputs)
      }
      compare(ours, numeric, "kernel at \(index)")
    }
    for (index, ours) in (gradient.weights?.bias ?? []).enumerated() {
      let numeric = try slope { step in
        var changed = linear
        changed.bias[index] += step
        return try loss(changed, inputs)
      }
      compare(ours, numeric, "bias at \(index)")
    }
  }

  @Test func copies() throws {
    try check(Padding(top: 1, left: 2, bottom: 0, right: -1), [3, 4, 2])
    try check(Padding(top: 1, left: 2, bottom: 0, right: 1, mode: .reflect), [3, 4, 2])
    try check(Selection([[2, 0, 0], nil, [1]]), [3, 2, 2])
    try check(Permutation([1, 2, 0]), [3, 2, 2])
    try check(Reshaping([-1]), [3, 2, 2])
  }

  @Test(arguments: BinaryFunction.allCases)
  func combinations(_ function: BinaryFunction) throws {
    let positive = function == .divide || function == .power
    try check(Combination(function), [2, 2, 3], [1, 1, 3], positive: positive)
    try check(ConstantCombination(function, shape: [3], values: [2, 0.5, 1.5]), [2, 2, 3], positive: positive)
    try check(
      ConstantCombination(function, shape: [2, 1, 1], values: [2, 0.5], comesFirst: true), [1, 2, 3], positive: positive
    )
  }

  @Test func meanOfThree() throws { try check(Combination.mean, [2, 3], [2, 3], [1, 3]) }

  @Test(arguments: Reduction.Kind.allCases)
  func reductions(_ kind: Reduction.Kind) throws {
    try check(Reduction(kind, axes: [0, 1], keepsDimensions: true), [2, 3, 2])
    try check(Reduction(kind, axes: [2]), [2, 1, 3])
  }

  @Test func convolutions() throws {
    var random = Numbers()
    let geometry = try WindowGeometry(
      height: 2, width: 3, strideY: 2, dilationX: 2, edge: .explicit(top: 1, left: 2, bottom: 0, right: 1))
    try check(
      GroupedConvolution(
        geometry, inputChannels: 4, filters: 6, groups: 2, kernel: random.next(72), bias: random.next(6)), [4, 3, 4])
    try check(
      GroupedConvolution(geometry, inputChannels: 2, filters: 4, groups: 2, kernel: random.next(24)), [4, 3, 2])
    try check(
      TransposedConvolution(
        geometry, top: 1, left: -1, bottom: 0, right: 1, inputChannels: 4, filters: 6, groups: 2,
        kernel: random.next(72), bias: random.next(6)), [2, 3, 4])
  }

  @Test func pools() throws {
    let geometry = try WindowGeometry(
      height: 2, width: 3, strideY: 1, strideX: 2, dilationY: 2, edge: .explicit(top: 1, left: 1, bottom: 0, right: 1),
      roundsUp: true)
    for kind in [WindowPooling.Kind.maximum, .average(countsPadding: true), .average(countsPadding: false)] {
      try check(WindowPooling(kind, geometry: geometry), [4, 4, 2])
    }
  }

  @Test func normalisations() throws {
    try check(
      OwnNormalization(.axes([2]), shape: [4], gamma: [1, 2, 0.5, 1], beta: [0, 1, 0, 2], epsilon: 0.1), [2, 2, 4])
    try check(OwnNormalization(.axes([0, 1, 2]), shape: [2, 1, 2], gamma: [1, 2, 0.5, 1], epsilon: 0.1), [2, 2, 2])
    try check(OwnNormalization(.groups(2), shape: [4], gamma: [1, 2, 0.5, 1], epsilon: 0.1), [2, 2, 4])
    try check(OwnNormalization(.axes([1]), shape: [], epsilon: 0.1, centers: false), [2, 4])
    try check(LengthNormalization(axes: [1, 2], floor: 1e-6), [2, 2, 3])
    try check(NeighbourNormalization(size: 3, alpha: 0.5, beta: 0.75, offset: 1), [1, 2, 5])
  }

  @Test func others() throws {
    let taps = Resampling.linear(from: 3, to: 5) { Double($0) * 0.5 }
    try check(Resampling(rows: taps, columns: taps), [3, 3, 2])
    try check(AxisActivation(.softmax, axis: 1), [2, 3, 2])
    try check(AxisActivation(.logSoftmax, axis: 0), [3, 2, 2])
    try check(ParametricRectifier(shape: [1, 1, 2], slopes: [0.3, -0.2]), [2, 2, 2])
    try check(MatrixProduct(), [2, 2, 3], [1, 3, 2])
    // Above 0 alone, away from the jump, which no difference sees; `OperationTests` has both sides.
    try check(Choice(), [2, 2, 2], [2, 1, 2], [1, 2, 2], positive: true)
    try check(Choice(other: 2), [2, 2, 2], [2, 2, 2], positive: true)
  }

  private static let functions: [ElementFunction] = [
    .exponential, .reciprocal, .square, .absolute, .negative, .sine, .cosine, .errorFunction, .clip(-1, 1), .elu(0.5),
    .celu(0.7), .selu(alpha: 1.6732632, scale: 1.050701), .softplus, .softsign, .logSigmoid, .mish, .silu,
    .gelu(isApproximate: true), .gelu(isApproximate: false), .hardSigmoid(slope: 0.2, offset: 0.5), .hardSilu,
    .hardShrink(0.5), .softShrink(0.5), .threshold(0.1, 3), .tanhShrink, .squareplus(4), .sparsePlus, .logarithm,
    .squareRoot,
  ]

  /// At places that are no corner of any of them.
  @Test(arguments: functions)
  func derivatives(_ function: ElementFunction) {
    let step: Float = 1 / 256
    for x in [-4.2, -1.7, -0.6, -0.3, 0.2, 0.7, 1.8, 3.4] as [Float] where function.value(x).isFinite {
      let numeric = (function.value(x + step) - function.value(x - step)) / (2 * step)
      #expect(abs(function.slope(x) - numeric) < 2e-3 * (1 + abs(numeric)), "at \(x)")
    }
  }

  @Test func valuesOfFunctions() {
    // Keras 3.
    let expected: [(ElementFunction, Float, Float)] = [
      (.silu, 1, 0.7310586), (.mish, -1, -0.30340144), (.gelu(isApproximate: false), -1, -0.15865526),
      (.gelu(isApproximate: true), -1, -0.15880801), (.softplus, -20, 2.0611537e-9), (.logSigmoid, 2, -0.12692805),
      (.hardSilu, 1, 0.6666667), (.celu(1), -1, -0.63212055), (.squareplus(4), 1, 1.618034), (.sparsePlus, 0.5, 0.5625),
    ]
    for (function, x, y) in expected { #expect(abs(function.value(x) - y) <= abs(y) * 3e-7, "\(function)") }
  }
}
