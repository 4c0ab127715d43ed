/// More rows, columns or other extents at the ends of axes; negative amounts cut them off.
public struct Padding: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Padding"

  /// What the new places hold.
  public enum Mode: Equatable, Sendable {
    case constant(Float)
    /// The value at the edge.
    case edge
    /// The values mirrored at the edge, without it or with it.
    case reflect, symmetric
  }

  /// By axis: how many places come before the first and behind the last.
  public let before: [Int], after: [Int]
  /// What they hold.
  public let mode: Mode

  /// Padding by these amounts.
  public init(before: [Int], after: [Int], mode: Mode = .constant(0)) {
    (self.before, self.after, self.mode) = (before, after, mode)
  }

  /// Padding of rows and columns of a feature map.
  public init(top: Int, left: Int, bottom: Int, right: Int, mode: Mode = .constant(0)) {
    self.init(before: [top, left, 0], after: [bottom, right, 0], mode: mode)
  }

  /// See `LayerOperation`.
  public var channels: ChannelRule {
    guard before.last == 0, after.last == 0 else { return .mixes }
    if case .constant(let value) = mode { return value == 0 ? .keepsZero : .mixes }
    return .keepsZero
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    let extents = inputs[0].dimensions
    guard before.count == extents.count, after.count == extents.count else {
      throw error("an input of shape \(inputs[0])", expected: "\(before.count) axes")
    }
    for (axis, extent) in extents.enumerated() {
      let largest = max(before[axis], after[axis])
      let limit =
        switch mode {
        case .constant, .edge: 1 << 24
        case .reflect: extent - 1
        case .symmetric: extent
        }
      guard largest <= limit, min(before[axis], after[axis]) > -extent else {
        throw error(
          "\(before[axis]) and \(after[axis]) places on an axis of \(extent)", expected: "an axis that has them")
      }
    }
    return try Shape(extents.indices.map { extents[$0] + before[$0] + after[$0] })
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let fill: Float = if case .constant(let value) = mode { value } else { 0 }
    return map(inputs[0].shape).gather(inputs[0], shape: shape, fill: fill)
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    OperationGradient([map(inputs[0].shape).scatter(gradient, shape: inputs[0].shape)])
  }

  private func map(_ input: Shape) -> IndexMap {
    IndexMap(
      input.dimensions,
      axes: input.dimensions.enumerated().map { axis, extent in
        (-before[axis]..<extent + after[axis]).map { index in
          if (0..<extent).contains(index) { return index }
          switch mode {
          case .constant: return -1
          case .edge: return min(max(index, 0), extent - 1)
          case .reflect: return index < 0 ? -index : 2 * (extent - 1) - index
          case .symmetric: return index < 0 ? -index - 1 : 2 * extent - 1 - index
          }
        }
      })
  }
}
