/// The patches of a feature map that a window covers, one a row (what is often called im2col).
struct Patches {
  let window: Window
  let placement: Window.Placement
  /// (H, W, C)
  let input: Shape

  init(window: Window, input: Shape) throws {
    self.window = window
    self.input = input
    placement = try window.placement(over: input)
  }

  /// Positions of the window.
  var rows: Int { placement.height * placement.width }
  /// Values under the window.
  var columns: Int { window.height * window.width * input.channels }

  /// - Parameters:
  ///   - image: (H, W, C)
  ///   - matrix: (rows, columns); what lies beyond the edge becomes 0.
  func gather(_ image: UnsafePointer<Float>, into matrix: UnsafeMutablePointer<Float>) {
    visit { row, offset, source, count in
      if let source {
        (matrix + row * columns + offset).update(from: image + source, count: count)
      } else {
        (matrix + row * columns + offset).update(repeating: 0, count: count)
      }
    }
  }

  /// The transpose of `gather`: adds each patch back to where it came from.
  func scatter(_ matrix: UnsafePointer<Float>, addingTo image: UnsafeMutablePointer<Float>) {
    visit { row, offset, source, count in
      guard let source else { return }
      let from = matrix + row * columns + offset
      for index in 0..<count { image[source + index] += from[index] }
    }
  }

  /// Calls `body` with runs of values: the patch, the place in it, the place in the image (nil beyond the edge), the length.
  @inline(__always)
  private func visit(_ body: (_ row: Int, _ offset: Int, _ source: Int?, _ count: Int) -> Void) {
    let (height, width, channels) = (input.dimensions[0], input.dimensions[1], input.channels)
    for y in 0..<placement.height {
      for x in 0..<placement.width {
        let row = y * placement.width + x
        for dy in 0..<window.height {
          let offset = dy * window.width * channels
          let imageY = y * window.strideY + dy - placement.top
          let left = x * window.strideX - placement.left
          guard (0..<height).contains(imageY) else {
            body(row, offset, nil, window.width * channels)
            continue
          }
          let first = max(0, -left)
          let last = max(first, min(window.width, width - left))
          if first > 0 { body(row, offset, nil, min(first, window.width) * channels) }
          if last > first {
            body(
              row, offset + first * channels, (imageY * width + left + first) * channels, (last - first) * channels)
          }
          if last < window.width { body(row, offset + last * channels, nil, (window.width - last) * channels) }
        }
      }
    }
  }
}
