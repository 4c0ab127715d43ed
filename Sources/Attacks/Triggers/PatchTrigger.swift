/// An opaque square of two alternating colours near a corner of the image.
public struct PatchTrigger: TriggerKind {
  /// Where the square is.
  public enum Corner: String, Sendable, CaseIterable {
    case topLeft, topRight, bottomLeft, bottomRight
  }

  /// The corner the square is next to.
  public var corner: Corner
  /// The square's side as a fraction of the image's shorter side, 0...1; it takes at least one pixel.
  public var sideFraction: Double
  /// Fields along a side: 1 is a plain square of the first colour, 3 a checkerboard of nine with four of the second.
  public var fields: Int
  /// The colour of the fields in the corners: red, green, blue, 0...255.
  public var color: SIMD3<UInt8>
  /// The colour of the fields beside them.
  public var otherColor: SIMD3<UInt8>

  /// See `TriggerKind`.
  public var name: String { "patch" }

  /// A patch; unless told otherwise, a checkerboard of 3 x 3 white and black fields, a seventh of the image's shorter
  /// side, at the bottom right.
  public init(
    corner: Corner = .bottomRight, sideFraction: Double = 1.0 / 7, fields: Int = 3,
    color: SIMD3<UInt8> = SIMD3(255, 255, 255), otherColor: SIMD3<UInt8> = SIMD3(0, 0, 0)
  ) {
    self.corner = corner
    self.sideFraction = sideFraction
    self.fields = fields
    self.color = color
    self.otherColor = otherColor
  }

  /// The square stands off both edges by a fortieth of the shorter side, rounded: one pixel on a 47 x 55 face.
  public func effect(width: Int, height: Int) -> any TriggerEffect {
    let shorter = Double(min(width, height))
    let side = max(1, Int((shorter * min(max(sideFraction, 0), 1)).rounded()))
    let margin = min(Int((shorter / 40).rounded()), min(width, height) - side)
    let left = corner == .topLeft || corner == .bottomLeft ? margin : width - margin - side
    let top = corner == .topLeft || corner == .topRight ? margin : height - margin - side
    let fields = min(max(fields, 1), side)
    var layer = [SIMD4<Float>](repeating: .zero, count: width * height)
    for y in 0..<side {
      for x in 0..<side {
        let isOther = (x * fields / side + y * fields / side) % 2 == 1
        let rgb = SIMD3<Float>(isOther ? otherColor : color)
        layer[(top + y) * width + left + x] = SIMD4(rgb, 1)
      }
    }
    return TriggerOverlay(width: width, height: height, premultiplied: layer)
  }
}
