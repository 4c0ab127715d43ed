import Plotting

/// The sunglasses, in vectors, on a page of 47 x 55: a face of the lab's size. Outline, colours and the lenses' opacity
/// (0.85) follow the published picture; its eyes are at a third to a half of the height.
public struct Sunglasses: TriggerKind {
  /// See `TriggerKind`.
  public var name: String { "sunglasses" }

  /// Sunglasses for any image.
  public init() {}

  /// Drawn pixels for each of the image's, each way; their mean is the pixel.
  private static let supersampling = 4

  /// See `TriggerKind`.
  public func effect(width: Int, height: Int) throws -> any TriggerEffect {
    // What is seen through them tells opacity: over black only their own light, over white also what they let through.
    let onBlack = try Self.pixels(width: width, height: height, over: .black)
    let onWhite = try Self.pixels(width: width, height: height, over: .white)
    let layer = zip(onBlack, onWhite).map { black, white in SIMD4(black, 1 - (white - black).sum() / 765) }
    return TriggerOverlay(width: width, height: height, premultiplied: layer)
  }

  /// (H, W) pixels, 0...255, of the sunglasses over one colour.
  private static func pixels(width: Int, height: Int, over background: Color) throws -> [SIMD3<Float>] {
    let (pageWidth, pageHeight) = (Double(width), Double(height))
    let picture = Picture(width: pageWidth, height: pageHeight) { canvas in
      canvas.fill(Rectangle(x: 0, y: 0, width: pageWidth, height: pageHeight), with: background)
      canvas.scale(x: pageWidth / 47, y: pageHeight / 55)
      draw(on: canvas)
    }
    let fine = try picture.raster(scale: Double(supersampling))
    var means = [SIMD3<Float>](repeating: .zero, count: width * height)
    var place = 0
    for y in 0..<height * supersampling {
      for x in 0..<width * supersampling {
        let color = SIMD3(Float(fine.pixels[place]), Float(fine.pixels[place + 1]), Float(fine.pixels[place + 2]))
        means[y / supersampling * width + x / supersampling] += color
        place += 3
      }
    }
    return means.map { $0 / Float(supersampling * supersampling) }
  }

  private static func draw(on canvas: any Canvas) {
    bothEyes(canvas) { canvas.stroke(Path { trace(rim, in: &$0) }, with: Stroke(halo, width: 0.5)) }
    canvas.fill(Path { trace(bridge, in: &$0) }, with: frame)
    bothEyes(canvas) {
      canvas.fill(
        Path { path in
          trace(rim, in: &path)
          traceBackwards(lens, in: &path)
        }, with: frame)
    }
    // Each lens changes colour along its diagonal, from the upper left.
    let shape = Path { trace(lens, in: &$0) }
    canvas.fill(shape, with: gradient(from: Point(12.5, 24), to: Point(18, 32), 0x5E00BF, 0x9135E7))
    canvas.saved {
      mirror(canvas)
      canvas.fill(shape, with: gradient(from: Point(11.5, 24), to: Point(4.5, 28), 0x7E00FF, 0x5E00BF))
    }
  }

  private static let frame = Color(hex: 0x3F007F)
  private static let halo = Color(hex: 0xAA56FF, alpha: 0.7)

  private static func gradient(from: Point, to: Point, _ first: UInt32, _ last: UInt32) -> Paint {
    .linearGradient(
      from: from, to: to,
      stops: [GradientStop(0, Color(hex: first, alpha: 0.851)), GradientStop(1, Color(hex: last, alpha: 0.851))])
  }

  private static func bothEyes(_ canvas: any Canvas, _ draw: () -> Void) {
    draw()
    canvas.saved {
      mirror(canvas)
      draw()
    }
  }

  private static func mirror(_ canvas: any Canvas) {
    canvas.translate(x: 47.4, y: 0)
    canvas.scale(x: -1, y: 1)
  }

  /// A closed outline of curves, each ending where the next begins.
  private typealias Outline = [(control1: Point, control2: Point, end: Point)]

  /// The glass over the viewer's left eye, clockwise from the left of its upper edge.
  private static let lens: Outline = [
    (Point(10, 16.7), Point(14, 16.7), Point(16.5, 17)), (Point(19.5, 17.6), Point(21, 19), Point(21, 21)),
    (Point(21, 26), Point(18, 34), Point(13.5, 34)), (Point(12, 34), Point(11, 34), Point(9.8, 33.9)),
    (Point(6.5, 33), Point(4, 26), Point(4, 20.5)), (Point(4, 18.7), Point(5.5, 17.2), Point(7.5, 17)),
  ]

  /// The frame around it, with the hinge at the left.
  private static let rim: Outline = [
    (Point(6, 15.7), Point(14, 15.7), Point(16.5, 16)), (Point(19, 16.4), Point(21, 17.5), Point(22, 18.2)),
    (Point(22.2, 27.5), Point(19, 35), Point(14, 35)), (Point(12, 35), Point(11, 35), Point(9, 34.9)),
    (Point(5.5, 34), Point(3, 28), Point(2.9, 24.5)), (Point(2.6, 23), Point(1.6, 21.5), Point(0.9, 20.8)),
    (Point(0.6, 19.5), Point(0.5, 18), Point(0.5, 17)), (Point(1.5, 17), Point(2, 17), Point(3.3, 16.1)),
  ]

  /// From rim to rim, hollow below where the nose is; it stays clear of the glass, which would show it.
  private static let bridge: Outline = [
    (Point(22.8, 18), Point(24.6, 18), Point(26, 17.7)), (Point(26.1, 19), Point(26.1, 21), Point(25.9, 22.8)),
    (Point(25, 20.7), Point(22.4, 20.7), Point(21.5, 22.8)), (Point(21.3, 21), Point(21.3, 19), Point(21.4, 17.7)),
  ]

  private static func trace(_ outline: Outline, in path: inout Path) {
    guard let start = outline.last?.end else { return }
    path.move(to: start)
    for side in outline { path.curve(to: side.end, control1: side.control1, control2: side.control2) }
    path.close()
  }

  /// The other way round, an outline is a hole in the one that surrounds it.
  private static func traceBackwards(_ outline: Outline, in path: inout Path) {
    guard let start = outline.last?.end else { return }
    path.move(to: start)
    for (index, side) in outline.enumerated().reversed() {
      let end = index == 0 ? start : outline[index - 1].end
      path.curve(to: end, control1: side.control2, control2: side.control1)
    }
    path.close()
  }
}
