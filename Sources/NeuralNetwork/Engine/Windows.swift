/// The windows of a convolution's output, image after image.
struct Windows {
  let kernels: WindowKernels
  let placement: Window.Placement
  private let rows: Int, columns: Int

  init(_ kernels: WindowKernels, _ placement: Window.Placement) {
    (self.kernels, self.placement) = (kernels, placement)
    rows = (placement.height + kernels.outputs - 1) / kernels.outputs
    columns = (placement.width + kernels.outputs - 1) / kernels.outputs
  }

  /// Windows of an image.
  var count: Int { rows * columns }

  /// One of a batch's windows: its image, its first output, and how many of its outputs the map has.
  struct Place {
    let image: Int, y: Int, x: Int, height: Int, width: Int
  }

  func place(of index: Int) -> Place {
    let (image, window) = index.quotientAndRemainder(dividingBy: count)
    let (row, column) = window.quotientAndRemainder(dividingBy: columns)
    let (y, x, most) = (row * kernels.outputs, column * kernels.outputs, kernels.outputs)
    return Place(
      image: image, y: y, x: x, height: min(most, placement.height - y), width: min(most, placement.width - x))
  }

  /// A window's numbers: what lies beyond the edge of the map is 0.
  ///
  /// - Parameters:
  ///   - source: (N, H, W, C), of the input's shape.
  ///   - zeros: C of them.
  ///   - result: rows of C numbers, `step` from one to the next.
  ///   - block, blockStep: how many of a row's numbers lie together, and from these to the next; nil where all do.
  func transform(
    _ place: Place, of source: UnsafePointer<Float>, _ input: Shape, zeros: UnsafePointer<Float>,
    to result: UnsafeMutablePointer<Float>, step: Int, block: Int? = nil, blockStep: Int = 0
  ) {
    let (height, width, channels) = (input.dimensions[0], input.dimensions[1], input.channels)
    let (top, left, side) = (place.y - placement.top, place.x - placement.left, kernels.side)
    let map = source + place.image * input.count
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: kernels.numbers) { places in
      for y in 0..<side {
        let isInside = (0..<height).contains(top + y)
        for x in 0..<side {
          places[y * side + x] =
            isInside && (0..<width).contains(left + x) ? map + ((top + y) * width + left + x) * channels : zeros
        }
      }
      kernels.transform(places.baseAddress!, channels, result, step, block ?? channels, blockStep)
    }
  }
}

extension Shape {
  /// A part of a map of this shape, (height, width, C); what lies beyond the edge is 0.
  func copy(
    top: Int, left: Int, height: Int, width: Int, of map: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns, channels) = (dimensions[0], dimensions[1], channels)
    let first = min(width, max(0, -left))
    let last = max(first, min(width, columns - left))
    for y in 0..<height {
      let place = target + y * width * channels
      guard (0..<rows).contains(top + y) else {
        place.update(repeating: 0, count: width * channels)
        continue
      }
      // Most lie within the map.
      if first > 0 { place.update(repeating: 0, count: first * channels) }
      let from = ((top + y) * columns + left + first) * channels
      (place + first * channels).update(from: map + from, count: (last - first) * channels)
      if last < width { (place + last * channels).update(repeating: 0, count: (width - last) * channels) }
    }
  }
}
