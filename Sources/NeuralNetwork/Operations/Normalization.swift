/// Normalisation by the mean and variance of an image's own numbers over some axes, then a scale and an offset.
///
/// Source: Ba, Kiros & Hinton, "Layer normalization", 2016; Wu & He, "Group normalization", ECCV 2018, of which instance
/// normalisation is the case of one channel a group; Zhang & Sennrich, "Root mean square layer normalization", 2019.
public struct OwnNormalization: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Normalization"

  /// Which numbers are normalised together.
  public enum Scope: Equatable, Sendable {
    /// All along these axes.
    case axes([Int])
    /// All positions of the channels of one group; channels are the last axis.
    case groups(Int)
  }

  /// Which numbers are normalised together.
  public let scope: Scope
  /// Whether the mean is taken off; without that it is normalisation by the root of the mean square.
  public let centers: Bool
  /// Added to the variance.
  public let epsilon: Float
  /// The extents of the scale and of the offset, aligned at the last axis of the input.
  public let shape: [Int]
  /// The scale, called gamma, and the offset, called beta; none where the layer was built without.
  public var kernel: [Float], bias: [Float]

  /// - Precondition: gamma and beta have as many numbers as `shape`.
  public init(
    _ scope: Scope, shape: [Int], gamma: [Float]? = nil, beta: [Float]? = nil, epsilon: Float, centers: Bool = true
  ) {
    precondition([gamma, beta].allSatisfy { $0?.count ?? shape.reduce(1, *) == shape.reduce(1, *) }, "shape's numbers")
    (self.scope, self.shape, self.epsilon, self.centers) = (scope, shape, epsilon, centers)
    (kernel, bias) = (gamma ?? [], beta ?? [])
  }

  /// See `LayerOperation`.
  public var arrays: [(name: String, shape: [Int], values: [Float])] {
    (kernel.isEmpty ? [] : [("gamma", shape.filter { $0 > 1 || shape.count == 1 }, kernel)])
      + (bias.isEmpty ? [] : [("beta", shape.filter { $0 > 1 || shape.count == 1 }, bias)])
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    let extents = inputs[0].dimensions
    guard shape.count <= extents.count, broadcastShape([extents, shape]) == extents else {
      throw error("gamma and beta of shape \(tuple(shape))", expected: "extents of \(inputs[0])")
    }
    switch scope {
    case .axes(let axes):
      guard !axes.isEmpty, axes.allSatisfy(extents.indices.contains) else {
        throw error("axes \(tuple(axes)) of an input of shape \(inputs[0])", expected: "axes of its input")
      }
    case .groups(let groups):
      guard groups > 0, inputs[0].channels % groups == 0 else {
        throw error("\(groups) groups", expected: "a divisor of \(inputs[0].channels) channels")
      }
    }
    return inputs[0]
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var output = inputs[0]
    let (cells, affine, size) = (cells(shape), affine(shape), shape.count)
    let count = Int(cells.max() ?? 0) + 1
    for image in 0..<inputs[0].count {
      let (means, factors) = statistics(inputs[0], image, cells, count)
      for index in 0..<size {
        let cell = Int(cells[index])
        let normalised = (Double(inputs[0].values[image * size + index]) - means[cell]) * factors[cell]
        let place = Int(affine[index])
        output.values[image * size + index] = Float(
          normalised * Double(kernel.isEmpty ? 1 : kernel[place]) + Double(bias.isEmpty ? 0 : bias[place]))
      }
    }
    return output
  }

  /// By cell: the mean, 0 where it is not taken off, and 1 / sqrt(variance + epsilon).
  private func statistics(
    _ input: Tensor, _ image: Int, _ cells: [Int32], _ count: Int
  ) -> (means: [Double], factors: [Double]) {
    let size = input.shape.count
    var means = [Double](repeating: 0, count: count)
    var squares = means
    let members = Double(size / count)
    if centers {
      for index in 0..<size { means[Int(cells[index])] += Double(input.values[image * size + index]) }
      for cell in 0..<count { means[cell] /= members }
    }
    for index in 0..<size {
      let difference = Double(input.values[image * size + index]) - means[Int(cells[index])]
      squares[Int(cells[index])] += difference * difference
    }
    return (means, squares.map { 1 / ($0 / members + Double(epsilon)).squareRoot() })
  }

  /// With n = (x - m) f and g = dL/dn: dL/dx = f (g - mean g - n mean(g n)), the first mean only where m is taken off.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    let shape = inputs[0].shape
    let (cells, affine, size) = (cells(shape), affine(shape), shape.count)
    let count = Int(cells.max() ?? 0) + 1
    let members = Double(size / count)
    var weights = WeightGradient(kernel: kernel.count, bias: bias.count)
    var result = gradient
    for image in 0..<gradient.count {
      let (means, factors) = statistics(inputs[0], image, cells, count)
      var (sums, products) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      func normalised(_ index: Int) -> Double {
        let cell = Int(cells[index])
        return (Double(inputs[0].values[image * size + index]) - means[cell]) * factors[cell]
      }
      func slope(_ index: Int) -> Double {
        Double(gradient.values[image * size + index]) * Double(kernel.isEmpty ? 1 : kernel[Int(affine[index])])
      }
      for index in 0..<size {
        sums[Int(cells[index])] += slope(index)
        products[Int(cells[index])] += slope(index) * normalised(index)
        let (place, upstream) = (Int(affine[index]), gradient.values[image * size + index])
        if !kernel.isEmpty { weights.kernel[place] += upstream * Float(normalised(index)) }
        if !bias.isEmpty { weights.bias[place] += upstream }
      }
      for index in 0..<size {
        let cell = Int(cells[index])
        result.values[image * size + index] = Float(
          factors[cell]
            * (slope(index) - (centers ? sums[cell] / members : 0) - normalised(index) * products[cell] / members))
      }
    }
    return OperationGradient([result], weights: weights.kernel.isEmpty && weights.bias.isEmpty ? nil : weights)
  }

  /// By place: which numbers it is normalised with.
  private func cells(_ input: Shape) -> [Int32] {
    switch scope {
    case .axes(let axes):
      let kept = input.dimensions.enumerated().map { axes.contains($0) ? 1 : $1 }
      return IndexMap(broadcasting: kept, to: input.dimensions).sources
    case .groups(let groups):
      let size = input.channels / groups
      return (0..<input.count).map { Int32($0 % input.channels / size) }
    }
  }

  private func affine(_ input: Shape) -> [Int32] { IndexMap(broadcasting: shape, to: input.dimensions).sources }
}

/// Division by the Euclidean length along some axes: x / sqrt(max(sum x², floor)).
public struct LengthNormalization: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "LengthNormalization"

  /// The axes whose numbers make up a length.
  public let axes: [Int]
  /// The smallest square that counts.
  public let floor: Float

  /// Along `axes`.
  public init(axes: [Int], floor: Float = 1e-12) { (self.axes, self.floor) = (axes, floor) }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard !axes.isEmpty, axes.allSatisfy(inputs[0].dimensions.indices.contains) else {
      throw error("axes \(tuple(axes)) of an input of shape \(inputs[0])", expected: "axes of its input")
    }
    return inputs[0]
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var output = inputs[0]
    let cells = cells(shape)
    for image in 0..<output.count {
      let factors = factors(inputs[0], image, cells).factors
      for index in 0..<shape.count {
        output.values[image * shape.count + index] = Float(
          Double(output.values[image * shape.count + index]) * factors[Int(cells[index])])
      }
    }
    return output
  }

  /// dL/dx = f (g - y sum(g y)), or f g where the floor decides.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    var result = gradient
    let (cells, size) = (cells(gradient.shape), gradient.shape.count)
    for image in 0..<gradient.count {
      let (factors, isFloor) = factors(inputs[0], image, cells)
      var products = [Double](repeating: 0, count: factors.count)
      for index in image * size..<(image + 1) * size {
        products[Int(cells[index % size])] += Double(gradient.values[index]) * Double(output.values[index])
      }
      for index in image * size..<(image + 1) * size {
        let cell = Int(cells[index % size])
        let across = isFloor[cell] ? 0 : Double(output.values[index]) * products[cell]
        result.values[index] = Float(factors[cell] * (Double(gradient.values[index]) - across))
      }
    }
    return OperationGradient([result])
  }

  private func factors(_ input: Tensor, _ image: Int, _ cells: [Int32]) -> (factors: [Double], isFloor: [Bool]) {
    var squares = [Double](repeating: 0, count: Int(cells.max() ?? 0) + 1)
    for index in cells.indices {
      let value = Double(input.values[image * cells.count + index])
      squares[Int(cells[index])] += value * value
    }
    return (squares.map { 1 / max($0, Double(floor)).squareRoot() }, squares.map { $0 <= Double(floor) })
  }

  private func cells(_ input: Shape) -> [Int32] {
    let kept = input.dimensions.enumerated().map { axes.contains($0) ? 1 : $1 }
    return IndexMap(broadcasting: kept, to: input.dimensions).sources
  }
}

/// Division by the energy of neighbouring channels: x / (bias + alpha / size sum x²)^beta.
///
/// Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012,
/// section 3.3, with alpha divided by the size as ONNX does.
public struct NeighbourNormalization: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "NeighbourNormalization"

  /// How many channels count, the odd one behind.
  public let size: Int
  /// See `LayerOperation`.
  public let alpha: Float, beta: Float, offset: Float

  /// - Parameter offset: what is added to the energy; often called bias.
  public init(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, offset: Float = 1) {
    (self.size, self.alpha, self.beta, self.offset) = (size, alpha, beta, offset)
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard size > 0 else { throw error("a size of \(size)", expected: "1 or more") }
    return inputs[0]
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var output = inputs[0]
    forEachRow(inputs[0]) { start, energies in
      for (channel, energy) in energies.enumerated() { output.values[start + channel] *= Float(power(energy, -beta)) }
    }
    return output
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    var result = Tensor(zeros: gradient.count, shape: gradient.shape)
    let scale = -2 * Double(alpha) * Double(beta) / Double(size)
    forEachRow(inputs[0]) { start, energies in
      for (channel, energy) in energies.enumerated() {
        let upstream = Double(gradient.values[start + channel])
        result.values[start + channel] += Float(upstream * power(energy, -beta))
        let shared = upstream * Double(inputs[0].values[start + channel]) * power(energy, -beta - 1) * scale
        for other in neighbours(channel, energies.count) {
          result.values[start + other] += Float(shared * Double(inputs[0].values[start + other]))
        }
      }
    }
    return OperationGradient([result])
  }

  private func neighbours(_ channel: Int, _ count: Int) -> Range<Int> {
    max(0, channel - (size - 1) / 2)..<min(count, channel + size / 2 + 1)
  }

  private func forEachRow(_ input: Tensor, _ body: (_ start: Int, _ energies: [Double]) -> Void) {
    let channels = input.shape.channels
    for start in stride(from: 0, to: input.values.count, by: channels) {
      body(
        start,
        (0..<channels).map { channel in
          neighbours(channel, channels).reduce(0.0) {
            $0 + Double(input.values[start + $1]) * Double(input.values[start + $1])
          } * Double(alpha) / Double(size) + Double(offset)
        })
    }
  }

  private func power(_ base: Double, _ exponent: Float) -> Double {
    Elementary.exp(Double(exponent) * Elementary.log(base))
  }
}
