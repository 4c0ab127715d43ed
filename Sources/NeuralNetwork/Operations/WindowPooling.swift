/// The largest or the mean value under a window with gaps and any padding, channel by channel.
public struct WindowPooling: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "WindowPooling"

  /// What is kept of a window.
  public enum Kind: Equatable, Sendable {
    case maximum
    /// - Parameter countsPadding: whether padding counts as 0s in the mean.
    case average(countsPadding: Bool)
  }

  /// Maximum or average.
  public let kind: Kind
  /// How the window moves.
  public let geometry: WindowGeometry

  /// A pool of one kind.
  public init(_ kind: Kind, geometry: WindowGeometry) { (self.kind, self.geometry) = (kind, geometry) }

  /// See `LayerOperation`.
  public var channels: ChannelRule { .keepsZero }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    try requireFeatureMap(inputs[0])
    let placement = try geometry.placement(over: inputs[0])
    return try Shape([placement.height, placement.width, inputs[0].channels])
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) throws -> Tensor {
    let patches = try DilatedPatches(geometry, over: inputs[0].shape)
    let (channels, sizes) = (shape.channels, try divisors(inputs[0].shape))
    var output = Tensor(zeros: inputs[0].count, shape: shape)
    output.values.withUnsafeMutableBufferPointer { output in
      inputs[0].values.withUnsafeBufferPointer { input in
        for image in 0..<inputs[0].count {
          let (from, to) = (
            input.baseAddress! + image * patches.map.count, output.baseAddress! + image * shape.count
          )
          var seen = -1
          patches.visit { row, _, position in
            guard let position else { return }
            let (source, target) = (from + position * channels, to + row * channels)
            if row != seen {
              target.update(from: source, count: channels)
              seen = row
            } else if kind == .maximum {
              for channel in 0..<channels { target[channel] = max(target[channel], source[channel]) }
            } else {
              for channel in 0..<channels { target[channel] += source[channel] }
            }
          }
          guard kind != .maximum else { continue }
          for row in 0..<patches.rows {
            for channel in 0..<channels { to[row * channels + channel] /= sizes[row] }
          }
        }
      }
    }
    return output
  }

  /// A maximum hands its gradient to the first place that held it.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) throws -> OperationGradient {
    let patches = try DilatedPatches(geometry, over: inputs[0].shape)
    let (channels, sizes) = (gradient.shape.channels, try divisors(inputs[0].shape))
    var result = Tensor(zeros: inputs[0].count, shape: inputs[0].shape)
    for image in 0..<inputs[0].count {
      let (from, to) = (image * patches.map.count, image * patches.rows * channels)
      var isTaken = [Bool](repeating: false, count: patches.rows * channels)
      patches.visit { row, _, position in
        guard let position else { return }
        for channel in 0..<channels {
          let (source, target) = (from + position * channels + channel, to + row * channels + channel)
          if kind != .maximum {
            result.values[source] += gradient.values[target] / sizes[row]
          } else if !isTaken[row * channels + channel], inputs[0].values[source] == output.values[target] {
            isTaken[row * channels + channel] = true
            result.values[source] += gradient.values[target]
          }
        }
      }
    }
    return OperationGradient([result])
  }

  /// By position: what the sum is divided by. Places beyond the padding, where rounding up reaches, never count.
  private func divisors(_ input: Shape) throws -> [Float] {
    let placement = try geometry.placement(over: input)
    func counts(_ count: Int, _ step: Int, _ taps: Int, _ gap: Int, _ before: Int, _ after: Int, _ extent: Int) -> [Int]
    {
      let counted = kind == .average(countsPadding: true) ? -before..<extent + after : 0..<extent
      return (0..<count).map { index in
        (0..<taps).count { counted.contains(index * step + $0 * gap - before) }
      }
    }
    let rows = counts(
      placement.height, geometry.strideY, geometry.height, geometry.dilationY, placement.top, placement.bottom,
      input.dimensions[0])
    let columns = counts(
      placement.width, geometry.strideX, geometry.width, geometry.dilationX, placement.left, placement.right,
      input.dimensions[1])
    return rows.flatMap { row in columns.map { Float(max(1, row * $0)) } }
  }
}
