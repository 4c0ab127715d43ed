import NeuralNetwork
import Testing

/// What each primitive computes, on small numbers and against plain loops.
@Suite struct OperationTests {
  private func tensor(_ shape: [Int], _ values: [Float]) throws -> Tensor {
    let shape = try Shape(shape)
    return Tensor(count: values.count / shape.count, shape: shape, values: values)
  }

  private func run(_ operation: some LayerOperation, _ inputs: Tensor...) throws -> Tensor {
    try operation.forward(inputs, shape: operation.outputShape(inputs.map(\.shape)))
  }

  @Test func paddingInEveryMode() throws {
    let x = try tensor([1, 3, 1], [1, 2, 3])
    func padded(_ mode: Padding.Mode) throws -> [Float] {
      try run(Padding(top: 0, left: 2, bottom: 0, right: 1, mode: mode), x).values
    }
    #expect(try padded(.constant(9)) == [9, 9, 1, 2, 3, 9])
    #expect(try padded(.edge) == [1, 1, 1, 2, 3, 3])
    #expect(try padded(.reflect) == [3, 2, 1, 2, 3, 2])
    #expect(try padded(.symmetric) == [2, 1, 1, 2, 3, 3])
    #expect(try run(Padding(top: 0, left: -1, bottom: 0, right: 1), x).values == [2, 3, 0])
  }

  @Test func selectionPermutationAndReshaping() throws {
    let x = try tensor([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(try run(Selection([[1, 0], nil, nil]), x).values == [4, 5, 6, 7, 0, 1, 2, 3])
    #expect(try run(Selection([1, 1, 0], axis: 1, rank: 3), x).values == [2, 3, 2, 3, 0, 1, 6, 7, 6, 7, 4, 5])
    let turned = try run(Permutation([2, 0, 1]), x)
    #expect(turned.values == [0, 2, 4, 6, 1, 3, 5, 7])
    #expect(try run(Permutation([1, 2, 0]), turned).values == x.values)
    #expect(try run(Reshaping([4, -1]), x).shape.dimensions == [4, 2])
  }

  @Test func combinationsRepeatExtentsOfOne() throws {
    let a = try tensor([1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
    let b = try tensor([1, 1, 2], [10, 20, 30, 40])
    #expect(try run(Combination(.multiply), a, b).values == [10, 40, 30, 80, 150, 240, 210, 320])
    #expect(try run(Combination(.subtract), a, a).values == [Float](repeating: 0, count: 8))
    #expect(try run(Combination.mean, a, a, b).values[0] == 4)
    #expect(try run(Combination(.maximum), b, a).values == [10, 20, 10, 20, 30, 40, 30, 40])
    let minus = ConstantCombination(.subtract, values: [1], comesFirst: true)
    #expect(try run(minus, b).values == [-9, -19, -29, -39])
    #expect(
      try run(ConstantCombination(.power, values: [3]), tensor([3], [-2, 0, 3])).values == [-8, 0, 27])
  }

  @Test func choicesTakeWhatIsDecidedAtEachPlace() throws {
    let condition = try tensor([2, 2], [1, -1, 0, .nan])
    let (a, b) = (try tensor([2, 2], [1, 2, 3, 4]), try tensor([1, 2], [.infinity, 6]))
    #expect(try run(Choice(), condition, a, b).values == [1, 6, .infinity, 6])
    #expect(try run(Choice(positive: 9), condition, a).values == [9, 2, 3, 4])
    #expect(try run(Choice(positive: 1, other: 0), condition).values == [1, 0, 0, 0])
    let gradient = try tensor([2, 2], [10, 20, 30, 40])
    let slopes = Choice().backward([condition, a, b], output: try run(Choice(), condition, a, b), gradient: gradient)
    #expect(slopes.inputs.map(\.values) == [[0, 0, 0, 0], [10, 0, 0, 0], [30, 60]])
  }

  @Test func reductionsOfEachKind() throws {
    let x = try tensor([2, 1, 2], [3, -1, 4, 2])
    let expected: [Reduction.Kind: [Float]] = [
      .mean: [3.5, 0.5], .sum: [7, 1], .maximum: [4, 2], .minimum: [3, -1], .product: [12, -2],
      .length: [5, Float(5).squareRoot()],
    ]
    for (kind, values) in expected { #expect(try run(Reduction(kind, axes: [0, 1]), x).values == values) }
    #expect(try run(Reduction(.sum, axes: [2], keepsDimensions: true), x).shape.dimensions == [2, 1, 1])
  }

  /// Against a plain loop, with every setting at once.
  @Test func groupedConvolutionWithGapsAndUnevenPadding() throws {
    let geometry = try WindowGeometry(
      height: 3, width: 2, strideY: 2, strideX: 1, dilationY: 1, dilationX: 2,
      edge: .explicit(top: 1, left: 0, bottom: 2, right: 3))
    var random = Numbers()
    let x = try tensor([5, 4, 4], random.next(2 * 80))
    let (kernel, bias) = (random.next(3 * 2 * 2 * 6), random.next(6))
    let layer = try GroupedConvolution(
      geometry, inputChannels: 4, filters: 6, groups: 2, kernel: kernel, bias: bias)
    let y = try run(layer, x)
    #expect(y.shape.dimensions == [3, 5, 6])
    for image in 0..<2 {
      for row in 0..<3 {
        for column in 0..<5 {
          for filter in 0..<6 {
            var sum = Double(bias[filter])
            for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
              let sourceY: Int = row * 2 + dy - 1
              let sourceX: Int = column + 2 * dx
              guard (0..<5).contains(sourceY), (0..<4).contains(sourceX) else { continue }
              let position: Int = (image * 5 + sourceY) * 4 + sourceX
              let source: Int = position * 4 + filter / 3 * 2
              let weight: Int = (dy * 2 + dx) * 12 + filter
              sum += Double(x.values[source]) * Double(kernel[weight])
              sum += Double(x.values[source + 1]) * Double(kernel[weight + 6])
            }
            let place: Int = (image * 3 + row) * 5 + column
            let ours = Double(y.values[place * 6 + filter])
            #expect(abs(ours - sum) < 1e-5)
          }
        }
      }
    }
  }

  @Test func depthwiseIsAGroupForEachChannel() throws {
    var random = Numbers()
    let x = try tensor([4, 4, 3], random.next(48))
    let kernel = random.next(2 * 2 * 3 * 2)
    let geometry = try WindowGeometry(height: 2, width: 2, edge: .same)
    let y = try run(
      GroupedConvolution(geometry, inputChannels: 3, filters: 6, groups: 3, kernel: kernel, isDepthwise: true), x)
    for channel in 0..<3 {
      let one = try run(Selection([channel], axis: 2, rank: 3), x)
      var own: [Float] = []
      for tap in 0..<4 {
        let start: Int = tap * 6 + channel * 2
        own += kernel[start..<start + 2]
      }
      let expected = try run(
        GroupedConvolution(geometry, inputChannels: 1, filters: 2, groups: 1, kernel: own), one)
      #expect(try run(Selection([2 * channel, 2 * channel + 1], axis: 2, rank: 3), y).values == expected.values)
    }
  }

  /// <conv x, y> = <x, conv transposed y> for one kernel.
  @Test(arguments: [1, 2])
  func transposedConvolutionIsTheTranspose(_ groups: Int) throws {
    var random = Numbers()
    let geometry = try WindowGeometry(
      height: 3, width: 2, strideY: 2, strideX: 2, dilationX: 2, edge: .explicit(top: 1, left: 0, bottom: 1, right: 1))
    let x = try tensor([7, 6, 4], random.next(168))
    let kernel = random.next(6 * (4 / groups) * 6)
    let forward = try GroupedConvolution(geometry, inputChannels: 4, filters: 6, groups: groups, kernel: kernel)
    let y = try run(forward, x)
    let other = try tensor(y.shape.dimensions, random.next(y.values.count))
    // What the last window does not reach is added behind.
    let backward = try TransposedConvolution(
      geometry, top: 1, left: 0, bottom: 1, right: 0, inputChannels: 6, filters: 4, groups: groups, kernel: kernel)
    let back = try run(backward, other)
    let same = try run(
      Padding(top: 0, left: 0, bottom: 7 - back.shape.dimensions[0], right: 6 - back.shape.dimensions[1]), back)
    let left = zip(y.values, other.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let right = zip(x.values, same.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(left - right) < 1e-4)
  }

  @Test func averagePoolCountsPaddingButNothingBeyondIt() throws {
    let x = try tensor([1, 4, 1], [1, 2, 3, 4])
    func pooled(_ counts: Bool) throws -> [Float] {
      let geometry = try WindowGeometry(
        height: 1, width: 3, strideX: 2, edge: .explicit(top: 0, left: 1, bottom: 0, right: 0), roundsUp: true)
      return try run(WindowPooling(.average(countsPadding: counts), geometry: geometry), x).values
    }
    #expect(try pooled(true) == [1, 3])
    #expect(try pooled(false) == [1.5, 3])
    let wide = try WindowGeometry(height: 1, width: 3, strideX: 2, edge: .valid, roundsUp: true)
    #expect(try run(WindowPooling(.average(countsPadding: true), geometry: wide), x).values == [2, 3.5])
    #expect(try run(WindowPooling(.maximum, geometry: wide), x).values == [3, 4])
  }

  @Test func interpolationAtHalfPixels() throws {
    let taps = Resampling.linear(from: 2, to: 4) { (Double($0) + 0.5) / 2 - 0.5 }
    let one = [Resampling.Tap(indices: [0], weights: [1])]
    let x = try tensor([1, 2, 1], [0, 4])
    #expect(try run(Resampling(rows: one, columns: taps), x).values == [0, 1, 3, 4])
    let cubic = Resampling.cubic(from: 2, to: 2, a: -0.75) { Double($0) }
    #expect(try run(Resampling(rows: one, columns: cubic), x).values == [0, 4])
  }

  @Test func normalisedGroupsHaveNoMeanAndUnitVariance() throws {
    var random = Numbers()
    let x = try tensor([3, 3, 4], random.next(36))
    let y = try run(OwnNormalization(.groups(2), shape: [4], epsilon: 0), x)
    for group in 0..<2 {
      let values = y.values.enumerated().filter { $0.offset % 4 / 2 == group }.map { Double($0.element) }
      #expect(abs(values.reduce(0, +)) < 1e-5)
      #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 18) < 1e-4)
    }
  }

  @Test func errorsSayWhatWasFound() throws {
    func message(_ operation: some LayerOperation, _ shapes: [Int]...) throws -> String? {
      let shapes = try shapes.map(Shape.init)
      return #expect(throws: NetworkError.self) { _ = try operation.outputShape(shapes) }?.description
    }
    #expect(
      try message(Combination(.add), [2, 2, 3], [2, 3, 3])
        == "add: inputs of shapes (2, 2, 3) and (2, 3, 3); expected equal shapes, or extents of 1")
    #expect(
      try message(Reshaping([3, 3]), [2, 4])
        == "Reshaping: an input of shape (2, 4); expected as many numbers as (3, 3) has")
    #expect(
      try message(Padding(top: 3, left: 0, bottom: 0, right: 0, mode: .reflect), [3, 3, 1])
        == "Padding: 3 and 0 places on an axis of 3; expected an axis that has them")
    #expect(
      try message(OwnNormalization(.groups(3), shape: [4], epsilon: 0), [2, 2, 4])
        == "Normalization: 3 groups; expected a divisor of 4 channels")
    #expect(
      try message(Choice(other: 1), [2, 2], [3, 2])
        == "Choice: inputs of shapes (2, 2) and (3, 2); expected equal shapes, or extents of 1")
  }
}

/// Normal numbers from a fixed seed.
struct Numbers {
  private var generator = SeededGenerator(seed: 31, stream: [7])

  mutating func next(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.normal()) } }
}
