import NeuralNetwork

/// A smooth, small warp of the whole image.
///
/// Source: Nguyen & Tran, "WaNet: imperceptible warping-based backdoor attack", ICLR 2021: random displacements on a coarse
/// grid, of mean size 1, interpolated over the image. In noise mode images whose warp is disturbed keep their class, so that
/// the network learns this warp and no other.
public struct WarpTrigger: SeededTrigger {
  /// Which displacements.
  public var seed: UInt64
  /// How far pixels are displaced: the mean over the grid's points and both directions is half of it, in pixels.
  public var strength: Double
  /// Control points along each side.
  public var gridSide: Int

  /// Images with a disturbed warp for each triggered one and their own class: the paper's cross ratio.
  static let decoys = 2

  /// See `TriggerKind`.
  public var name: String { "wanet" }
  /// See `SeededTrigger`.
  public static let stream: UInt64 = 0x7761_7270

  /// A warp on the paper's grid of 4 x 4. Deviates: stronger than the paper's 0.5, which is for smaller objects.
  public init(seed: UInt64 = 1, strength: Double = 4, gridSide: Int = 4) {
    self.seed = seed
    self.strength = strength
    self.gridSide = gridSide
  }

  /// See `TriggerKind`.
  public func effect(width: Int, height: Int) -> any TriggerEffect { warp(width: width, height: height) }

  /// The warp, which is the same for every image.
  func warp(width: Int, height: Int) -> Warp {
    var random = random
    let side = max(2, gridSide)
    var grid = (0..<side * side).map { _ in
      SIMD2(random.uniform(in: -1..<1), random.uniform(in: -1..<1))
    }
    let mean = grid.reduce(0) { $0 + abs($1.x) + abs($1.y) } / Double(2 * grid.count)
    for index in grid.indices { grid[index] *= strength / 2 / mean }
    let offsets = (0..<width * height).map { place in
      Self.interpolate(
        grid, side, x: Self.position(place % width, of: width, side: side),
        y: Self.position(place / width, of: height, side: side))
    }
    return Warp(width: width, height: height, offsets: offsets)
  }

  /// The same disturbed at every pixel, differently for every image, by as much on average as the warp itself displaces: the
  /// paper's ratio.
  func disturbed(_ warp: Warp, using random: inout SeededGenerator) -> Warp {
    Warp(
      width: warp.width, height: warp.height,
      offsets: warp.offsets.map { offset in
        offset + SIMD2(random.uniform(in: -1..<1), random.uniform(in: -1..<1)) * strength
      })
  }

  /// Where a pixel is among control points, the first and the last of which are at the image's edges.
  private static func position(_ pixel: Int, of extent: Int, side: Int) -> Double {
    extent == 1 ? 0 : Double(pixel) * Double(side - 1) / Double(extent - 1)
  }

  /// Cubic convolution. Source: Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -0.75.
  private static func interpolate(_ grid: [SIMD2<Double>], _ side: Int, x: Double, y: Double) -> SIMD2<Double> {
    let (left, top) = (Int(x), Int(y))
    let (across, down) = (weights(x - Double(left)), weights(y - Double(top)))
    var sum = SIMD2<Double>.zero
    for row in 0..<4 {
      for column in 0..<4 {
        let (gridY, gridX) = (min(max(top + row - 1, 0), side - 1), min(max(left + column - 1, 0), side - 1))
        sum += grid[gridY * side + gridX] * (down[row] * across[column])
      }
    }
    return sum
  }

  private static func weights(_ t: Double) -> [Double] {
    let a = -0.75
    func near(_ d: Double) -> Double { ((a + 2) * d - (a + 3)) * d * d + 1 }
    func far(_ d: Double) -> Double { ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
    return [far(1 + t), near(t), near(1 - t), far(2 - t)]
  }
}

/// Where each pixel of an image is taken from.
public struct Warp: TriggerEffect, Equatable {
  let width: Int, height: Int
  /// (H, W): pixels to the right and down.
  let offsets: [SIMD2<Double>]

  /// Bilinear between the four pixels around; beyond the image its edge.
  public func apply(to images: inout [Float], image: Int, channels: Int) {
    let start = image * channels * offsets.count
    let original = Array(images[start..<start + channels * offsets.count])
    for (place, offset) in offsets.enumerated() {
      let x = min(max(Double(place % width) + offset.x, 0), Double(width - 1))
      let y = min(max(Double(place / width) + offset.y, 0), Double(height - 1))
      let (left, top) = (min(Int(x), max(0, width - 2)), min(Int(y), max(0, height - 2)))
      let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
      let (across, down) = (x - Double(left), y - Double(top))
      for channel in 0..<min(3, channels) {
        func pixel(_ y: Int, _ x: Int) -> Double { Double(original[(y * width + x) * channels + channel]) }
        let upper = pixel(top, left) * (1 - across) + pixel(top, right) * across
        let lower = pixel(bottom, left) * (1 - across) + pixel(bottom, right) * across
        images[start + place * channels + channel] = Float((upper * (1 - down) + lower * down).rounded())
      }
    }
  }
}
