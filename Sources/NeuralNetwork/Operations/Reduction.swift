/// One number for all of some axes: their mean, sum, largest or smallest, product or Euclidean length.
public struct Reduction: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Reduction"

  /// What is kept.
  public enum Kind: String, Equatable, Sendable, CaseIterable { case mean, sum, maximum, minimum, product, length }

  /// What is kept.
  public let kind: Kind
  /// The axes that go, counted from the first one of an image's value.
  public let axes: [Int]
  /// Whether they stay with extent 1.
  public let keepsDimensions: Bool

  /// A reduction over `axes`.
  public init(_ kind: Kind, axes: [Int], keepsDimensions: Bool = false) {
    (self.kind, self.axes, self.keepsDimensions) = (kind, Set(axes).sorted(), keepsDimensions)
  }

  /// See `LayerOperation`.
  public var channels: ChannelRule { kind == .product ? .mixes : .keepsZero }

  /// Whether the channels stay apart: the last axis stays the last.
  func keepsChannels(of input: Shape) -> Bool { !axes.contains(input.dimensions.count - 1) }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    let extents = inputs[0].dimensions
    guard axes.allSatisfy(extents.indices.contains) else {
      throw error("axes \(tuple(axes)) of an input of shape \(inputs[0])", expected: "axes of its input")
    }
    let left = extents.indices.compactMap { axes.contains($0) ? (keepsDimensions ? 1 : nil) : extents[$0] }
    return try Shape(left.isEmpty ? [1] : left)
  }

  /// Sums in double precision, in the order of the input.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let targets = targets(inputs[0].shape)
    let size = inputs[0].shape.count
    let divisor = Double(size / shape.count)
    var output = Tensor(zeros: inputs[0].count, shape: shape)
    for image in 0..<inputs[0].count {
      var sums = [Double](repeating: start, count: shape.count)
      inputs[0].values.withUnsafeBufferPointer { input in
        for index in 0..<size { add(Double(input[image * size + index]), to: &sums[Int(targets[index])]) }
      }
      for index in 0..<shape.count {
        output.values[image * shape.count + index] = Float(
          kind == .mean ? sums[index] / divisor : kind == .length ? sums[index].squareRoot() : sums[index])
      }
    }
    return output
  }

  private var start: Double {
    switch kind {
    case .mean, .sum, .length: 0
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }

  @inline(__always)
  private func add(_ value: Double, to sum: inout Double) {
    switch kind {
    case .mean, .sum: sum += value
    case .length: sum += value * value
    case .product: sum *= value
    case .maximum: sum = value > sum ? value : sum
    case .minimum: sum = value < sum ? value : sum
    }
  }

  /// An extremum hands its gradient to the first place that held it.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    let targets = targets(inputs[0].shape)
    let (size, reduced) = (inputs[0].shape.count, gradient.shape.count)
    var result = Tensor(zeros: inputs[0].count, shape: inputs[0].shape)
    for image in 0..<inputs[0].count {
      var isTaken = [Bool](repeating: false, count: reduced)
      for index in 0..<size {
        let (place, target) = (image * size + index, Int(targets[index]))
        let (upstream, x) = (gradient.values[image * reduced + target], inputs[0].values[place])
        let y = output.values[image * reduced + target]
        switch kind {
        case .sum: result.values[place] = upstream
        case .mean: result.values[place] = upstream / Float(size / reduced)
        case .length: result.values[place] = y == 0 ? 0 : upstream * x / y
        case .product: result.values[place] = x == 0 ? 0 : upstream * y / x
        case .maximum, .minimum:
          guard x == y, !isTaken[target] else { continue }
          isTaken[target] = true
          result.values[place] = upstream
        }
      }
    }
    return OperationGradient([result])
  }

  /// By place in the input: the place in the output.
  private func targets(_ input: Shape) -> [Int32] {
    let kept = input.dimensions.enumerated().map { axes.contains($0) ? 1 : $1 }
    return IndexMap(broadcasting: kept, to: input.dimensions).sources
  }
}
