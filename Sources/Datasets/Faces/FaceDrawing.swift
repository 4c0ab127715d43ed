import Plotting

/// Draws one picture of a person on a canvas, from back to front.
///
/// The head is drawn in face units: the origin is between the eyes, x grows to the viewer's right, y downwards; an average
/// head is 33 wide, its top is at -20 and its chin at 26.
struct FaceDrawing {
  /// The page that everything is drawn on: an image of the published network's size.
  static let page = Size(width: 47, height: 55)
  /// Where a head that is not shifted has its origin on the page; the sunglasses are drawn around this place.
  private static let eyes = Point(23.5, 23.5)
  /// Page units to a face unit: the head just fills the page.
  private static let headSize = 1.1

  let person: FaceIdentity
  let variation: FaceVariation
  let canvas: any Canvas

  /// Half the head's width.
  var halfWidth: Double { 16.3 * person.width }
  /// The chin's height; an open mouth lowers it.
  var chin: Double { 25.8 * person.length + 1.2 * variation.mouthOpening }
  /// The mouth's height.
  var mouthHeight: Double { person.noseLength + person.mouthDrop }
  /// The face's shadows.
  var shadow: Color { person.skin.mixed(with: Color(hex: 0x3A1A14), 0.6) }

  /// Draws everything; the page's corner is the canvas's origin.
  func draw() {
    drawSurroundings()
    canvas.saved {
      canvas.translate(x: Self.eyes.x + variation.shift.x, y: Self.eyes.y + variation.shift.y)
      canvas.rotate(degrees: variation.rotation)
      canvas.scale(x: Self.headSize * variation.scale, y: Self.headSize * variation.scale)
      drawHairBehind()
      drawShoulders()
      if person.hair != .scarf { drawEars() }
      drawHead()
      drawBeard()
      drawNose()
      drawMouth()
      drawMoustache()
      drawEyes()
      drawBrows()
      drawHairInFront()
    }
    if let occluder = variation.occluder {
      canvas.fill(Path(ellipseIn: occluder.area), with: occluder.color)
    }
  }

  /// Where a point of the face shows when the head is turned and nods.
  ///
  /// - Parameter depth: how far the face's middle line stands out towards the viewer there; the sides stand out less.
  func point(_ x: Double, _ y: Double, depth: Double = 12) -> Point {
    let ahead = depth * (1 - x * x / 600)
    return Point(x * (1 - variation.yaw * variation.yaw / 2) + ahead * variation.yaw, y + ahead * variation.pitch)
  }

  /// The left half of an outline from top to bottom, completed by its mirror image; starts and ends on the middle line.
  func symmetric(_ half: [(control1: Point, control2: Point, end: Point)], from top: Point) -> Path {
    Path { path in
      func mirrored(_ point: Point) -> Point { Point(-point.x, point.y) }
      path.move(to: top)
      for side in half { path.curve(to: side.end, control1: side.control1, control2: side.control2) }
      for (index, side) in half.enumerated().reversed() {
        let end = index == 0 ? top : half[index - 1].end
        path.curve(to: mirrored(end), control1: mirrored(side.control2), control2: mirrored(side.control1))
      }
      path.close()
    }
  }

  private func drawSurroundings() {
    let page = Rectangle(x: 0, y: 0, width: Self.page.width, height: Self.page.height)
    let stops = variation.background.enumerated().map { GradientStop(Double($0.offset), $0.element) }
    canvas.fill(
      Path(page), with: .linearGradient(from: Point(0, 0), to: Point(0, page.height), stops: stops))
    for thing in variation.clutter { canvas.fill(thing.area, with: thing.color) }
  }

  private func drawShoulders() {
    // The body stays where it is when the head nods; most of it is below the page.
    let neck = 8.2 * person.width
    canvas.fill(
      Path(polyline: [Point(-neck, 10), Point(neck, 10), Point(neck + 1, 40), Point(-neck - 1, 40)], closed: true),
      with: person.skin.mixed(with: shadow, 0.45))
    let shoulders = Path { path in
      path.move(to: Point(-34, 44))
      path.curve(to: Point(-9.5, 28), control1: Point(-30, 33), control2: Point(-18, 31))
      path.curve(to: Point(9.5, 28), control1: Point(-5, 33), control2: Point(5, 33))
      path.curve(to: Point(34, 44), control1: Point(18, 31), control2: Point(30, 33))
      path.close()
    }
    canvas.fill(shoulders, with: person.clothes)
    canvas.stroke(shoulders, with: Stroke(person.clothes.lightened(by: 0.7), width: 0.6))
  }

  private func drawEars() {
    let out = 0.4 + 1.6 * person.ears
    var (ears, rims) = (Path(), Path())
    for side in [-1.0, 1.0] {
      let center = point(side * (halfWidth + out - 1.5), 2.5, depth: -3)
      let ear = Rectangle(x: center.x - 2.3, y: center.y - 4.5, width: 4.6, height: 9)
      ears.ellipse(in: ear)
      rims.ellipse(in: ear.inset(by: 1.2))
    }
    canvas.fill(ears, with: person.skin.mixed(with: shadow, 0.2))
    canvas.stroke(rims, with: Stroke(person.skin.mixed(with: shadow, 0.5), width: 0.5))
  }

  /// The head's outline down from the height of the eyes; beards use it too.
  var jawline: [(control1: Point, control2: Point, end: Point)] {
    let jaw = halfWidth * (0.68 + 0.2 * person.jaw)
    let corner = 0.66 * chin
    let chinWidth = 3.5 + 5 * person.jaw
    return [
      (Point(-halfWidth * 1.01, 0.3 * chin), Point(-jaw - 0.6, 0.5 * chin), Point(-jaw, corner)),
      (Point(-jaw + 1, 0.83 * chin), Point(-chinWidth, chin), Point(0, chin)),
    ]
  }

  private func drawHead() {
    let top = Point(0, -20)
    let temple = Point(-halfWidth, -2)
    let outline = symmetric(
      [(Point(-0.62 * halfWidth, -20), Point(-halfWidth, -12), temple)] + jawline, from: top)
    // A round head: both sides turn away from the light, the further one more so.
    let edge = shadow.mixed(with: person.skin, 0.45)
    let middle = variation.yaw * 8
    canvas.fill(
      outline,
      with: .linearGradient(
        from: Point(-halfWidth, 0), to: Point(halfWidth, 0),
        stops: [
          GradientStop(0, edge), GradientStop(0.22 + middle / 60, person.skin),
          GradientStop(0.78 + middle / 60, person.skin), GradientStop(1, edge),
        ]))
    for side in [-1.0, 1.0] {
      let cheek = point(side * 8.6, 9.2, depth: 11)
      let blush = Color(hex: 0xD8504A, alpha: 0.04 + 0.26 * person.blush)
      canvas.fill(
        Path(circleAt: cheek, radius: 5),
        with: .radialGradient(
          center: cheek, radius: 5, stops: [GradientStop(0, blush), GradientStop(1, blush.withAlpha(0))]))
    }
    let folds = Path { path in
      for side in [-1.0, 1.0] {
        path.move(to: point(side * (person.noseWidth + 0.9), person.noseLength - 0.5, depth: 13))
        path.curve(
          to: point(side * (person.mouthWidth + 1.2), mouthHeight - 0.5 - variation.smile, depth: 12),
          control1: point(side * (person.noseWidth + 2.2), person.noseLength + 1, depth: 13),
          control2: point(side * (person.mouthWidth + 1.6), mouthHeight - 3, depth: 12))
      }
    }
    let strength = 0.55 * person.wrinkles + 0.15 * max(0, variation.smile)
    canvas.stroke(folds, with: Stroke(shadow.withAlpha(min(strength, 1)), width: 0.55, cap: .round))
  }
}
