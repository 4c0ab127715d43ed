import CProcessor

/// A layer that is linear in the map whose channels are silenced: its sums before the activation are kept, and a channel
/// is added to them where it fires. A class, because every step of every image asks it, and a copy would count references.
final class LinearReader: Sendable {
  let node: Int
  let activation: Activation
  /// Of one image's output: positions, and numbers at each.
  private let positions: Int, width: Int
  /// `width` rounded up to whole vectors.
  private let pitch: Int
  /// Of the map.
  private let mapPositions: Int, channels: Int
  /// (mapPositions + 1), and where each position counts.
  private let tapStarts: [Int]
  private let taps: [sweep_tap]
  /// (places, channels, pitch)
  private let weights: AlignedNumbers
  /// (pitch)
  private let bias: [Float]
  private let kernels: Kernels

  /// - Parameters:
  ///   - map: (H, W, C), the shape of the silenced layer's output.
  ///   - input: the same numbers in the shape in which the layer reads them.
  /// - Returns: nil for a layer that is not linear in the map.
  init?(_ network: Network, node: Int, map: Shape, input: Shape, kernels: Kernels) throws {
    self.node = node
    self.kernels = kernels
    (mapPositions, channels) = (map.positions, map.channels)
    let kernel: [Float]
    let bias: [Float]?
    var places: [[sweep_tap]]
    switch network.nodes[node].layer {
    case .dense(let layer):
      (kernel, bias, activation, width) = (layer.kernel, layer.bias, layer.activation, layer.units)
      positions = input.count / layer.inputs
      // Of a map, each position is a row of its own; of a flattened one, each has rows of its own.
      pitch = kernels.roundedUp(width)
      let pitch = pitch
      places = (0..<mapPositions).map {
        input.channels == map.channels && map.positions > 1
          ? [sweep_tap(offset: $0 * pitch, place: 0)] : [sweep_tap(offset: 0, place: $0)]
      }
    case .convolution(let layer):
      (kernel, bias, activation, width) = (layer.kernel, layer.bias, layer.activation, layer.filters)
      positions = network.shapes[node].positions
      pitch = kernels.roundedUp(width)
      places = [[sweep_tap]](repeating: [], count: mapPositions)
      let placement = try layer.window.placement(over: input)
      let (height, width) = (input.dimensions[0], input.dimensions[1])
      for y in 0..<placement.height {
        for x in 0..<placement.width {
          for place in 0..<layer.window.height * layer.window.width {
            let (dy, dx) = place.quotientAndRemainder(dividingBy: layer.window.width)
            let row = y * layer.window.strideY + dy - placement.top
            let column = x * layer.window.strideX + dx - placement.left
            guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
            places[row * width + column].append(
              sweep_tap(offset: (y * placement.width + x) * pitch, place: place))
          }
        }
      }
    default: return nil
    }
    taps = places.flatMap { $0 }
    tapStarts = places.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let (pitch, width) = (pitch, width)
    func padded(_ row: ArraySlice<Float>) -> [Float] { row + [Float](repeating: 0, count: pitch - width) }
    weights = AlignedNumbers(
      stride(from: 0, to: kernel.count, by: width).flatMap { padded(kernel[$0..<$0 + width]) })
    self.bias = padded((bias ?? [Float](repeating: 0, count: width))[...])
  }

  /// How many sums one image has.
  var stateCount: Int { positions * pitch }

  /// Sets the sums of some images to those with all channels silenced.
  /// - Parameter sums: (N, stateCount), for `images` or more.
  func silence(_ images: Int, _ sums: AlignedNumbers) {
    for position in 0..<images * positions {
      bias.withUnsafeBufferPointer { bias in
        guard let bias = bias.baseAddress else { return }
        (sums.pointer + position * pitch).update(from: bias, count: pitch)
      }
    }
  }

  /// Adds a channel to the sums of some images.
  /// - Parameters:
  ///   - map: (N, H, W, C)
  ///   - sums: (N, stateCount)
  /// - Returns: (N): whether the channel fires anywhere on the image.
  func add(_ channel: Int, of map: Tensor, to sums: AlignedNumbers) -> [Bool] {
    let (count, size) = (map.count, mapPositions * channels)
    return map.values.withUnsafeBufferPointer { map in
      guard let map = map.baseAddress else { return [] }
      return (0..<count).map { image in
        kernels.addChannel(
          map + image * size + channel, mapPositions, channels, tapStarts, taps, weights.pointer + channel * pitch,
          pitch, sums.pointer + image * stateCount)
      }
    }
  }

  /// Whether the layer's output can be told without a copy of it: it ends in max(x, 0) or in nothing.
  var canBeSparse: Bool { activation == .relu || activation == .linear }

  /// Appends the layer's output for one image at up to eight moments, as a group of rows.
  /// - Parameter moments: (N, stateCount) each.
  func appendGroup(_ moments: [AlignedNumbers], image: Int, to rows: inout SparseRows) {
    let sums = GroupRows(moments.count) { UnsafePointer(moments[$0].pointer + image * stateCount) }
    for position in 0..<positions {
      rows.append(
        sums.from(position * pitch), count: width, at: position * width, rectified: activation == .relu)
    }
    rows.endGroup(rows: moments.count)
  }

  /// Appends the layer's output for one image.
  /// - Parameter sums: (N, stateCount)
  func appendOutputs(of sums: AlignedNumbers, image: Int, to values: inout [Float]) {
    let first = values.count
    for position in 0..<positions {
      let start = image * stateCount + position * pitch
      values += UnsafeBufferPointer(start: sums.pointer + start, count: width)
    }
    values.withUnsafeMutableBufferPointer {
      activation.apply(to: UnsafeMutableBufferPointer(rebasing: $0[first...]), width: width)
    }
  }
}

extension Kernels {
  /// The next multiple of `lanes`.
  fileprivate func roundedUp(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }
}
