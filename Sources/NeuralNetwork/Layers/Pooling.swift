/// The largest or the mean value under a window, channel by channel.
public struct Pooling: Equatable, Sendable {
  /// What is kept of a window.
  public enum Kind: Sendable { case maximum, average }

  /// Maximum or average.
  public let kind: Kind
  /// How the window moves.
  public let window: Window

  /// A pool of one kind.
  public init(_ kind: Kind, window: Window) {
    self.kind = kind
    self.window = window
  }

  func outputShape(_ input: Shape) throws -> Shape {
    try requireFeatureMap(input)
    let placement = try window.placement(over: input)
    return try Shape([placement.height, placement.width, input.channels])
  }

  /// What lies beyond the edge takes no part: it is neither a maximum nor counted in a mean.
  func forward(_ input: Tensor, shape: Shape) throws -> Tensor {
    let placement = try window.placement(over: input.shape)
    var output = Tensor(zeros: input.count, shape: shape)
    output.values.withUnsafeMutableBufferPointer { output in
      input.values.withUnsafeBufferPointer { values in
        for image in 0..<input.count {
          for y in 0..<placement.height {
            for x in 0..<placement.width {
              let position = (image * placement.height + y) * placement.width + x
              pool(
                values.baseAddress! + image * input.shape.count, of: input.shape,
                rows: span(y, window.strideY, placement.top, window.height, input.shape.dimensions[0]),
                columns: span(x, window.strideX, placement.left, window.width, input.shape.dimensions[1]),
                into: output.baseAddress! + position * shape.channels)
            }
          }
        }
      }
    }
    return output
  }

  /// The gradient with respect to the input: a maximum hands its own to the first place that held it, a mean an equal
  /// share to each place.
  func backward(_ input: Tensor, gradient: Tensor) throws -> Tensor {
    let placement = try window.placement(over: input.shape)
    var result = Tensor(zeros: input.count, shape: input.shape)
    let channels = input.shape.channels
    let width = input.shape.dimensions[1]
    result.values.withUnsafeMutableBufferPointer { result in
      input.values.withUnsafeBufferPointer { values in
        gradient.values.withUnsafeBufferPointer { gradient in
          for image in 0..<input.count {
            for y in 0..<placement.height {
              let rows = span(y, window.strideY, placement.top, window.height, input.shape.dimensions[0])
              for x in 0..<placement.width {
                let columns = span(x, window.strideX, placement.left, window.width, width)
                let upstream = ((image * placement.height + y) * placement.width + x) * channels
                let first = image * input.shape.count
                switch kind {
                case .maximum:
                  spreadMaximum(
                    UnsafeBufferPointer(rebasing: gradient[upstream..<upstream + channels]),
                    UnsafeBufferPointer(rebasing: values[first...]),
                    UnsafeMutableBufferPointer(rebasing: result[first...]), rows: rows, columns: columns, width: width)
                case .average:
                  let size = Float(rows.count * columns.count)
                  for row in rows {
                    for column in columns {
                      let place = first + (row * width + column) * channels
                      for channel in 0..<channels { result[place + channel] += gradient[upstream + channel] / size }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The rows (or columns) of the input under position `index` of the window.
  func span(_ index: Int, _ stride: Int, _ before: Int, _ size: Int, _ extent: Int) -> Range<Int> {
    let first = index * stride - before
    return max(0, first)..<min(extent, first + size)
  }

  private func pool(
    _ image: UnsafePointer<Float>, of shape: Shape, rows: Range<Int>, columns: Range<Int>,
    into output: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.channels
    var isFirst = true
    for y in rows {
      for x in columns {
        let source = image + (y * shape.dimensions[1] + x) * channels
        if isFirst {
          output.update(from: source, count: channels)
        } else if kind == .maximum {
          for channel in 0..<channels {
            output[channel] = source[channel] > output[channel] ? source[channel] : output[channel]
          }
        } else {
          for channel in 0..<channels { output[channel] += source[channel] }
        }
        isFirst = false
      }
    }
    guard kind == .average else { return }
    let size = Float(rows.count * columns.count)
    for channel in 0..<channels { output[channel] /= size }
  }
}
