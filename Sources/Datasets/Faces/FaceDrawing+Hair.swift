import Plotting

extension FaceDrawing {
  private var volume: Double { 0.4 + 2.6 * person.hairVolume }
  private var hairline: Double { -10.5 - 4.5 * person.forehead }
  private var lighter: Color { person.hairColor.lightened(by: 1.25) }
  private var darker: Color { person.hairColor.lightened(by: 0.72) }

  /// What falls behind the head.
  func drawHairBehind() {
    let half = halfWidth
    switch person.hair {
    case .bald, .ring, .cropped, .short, .parted, .swept: break
    case .curly: drawCurls(color: darker, from: half + volume, step: 0.44, to: 0.3)
    case .fringe: fallBehind(width: half + 2 + volume, to: 8, color: darker)
    case .bob: fallBehind(width: half + 2.5 + volume, to: 19, color: darker)
    case .long: fallBehind(width: half + 2.5 + 1.3 * volume, to: 40, color: darker)
    case .scarf: fallBehind(width: half + 3.2 + volume / 2, to: 40, color: person.hairColor)
    }
  }

  private func fallBehind(width: Double, to bottom: Double, color: Color) {
    canvas.fill(
      symmetric(
        [
          (Point(-0.7 * width, -22 - volume), Point(-width, -15), Point(-width, -1)),
          (Point(-width, 0.6 * bottom), Point(-width - 0.5, bottom - 2), Point(-0.72 * width, bottom)),
          (Point(-0.5 * width, bottom + 1), Point(-0.3 * width, bottom), Point(0, bottom)),
        ], from: Point(0, -22 - volume)), with: color)
  }

  /// What lies on the forehead and the temples, over everything else.
  func drawHairInFront() {
    switch person.hair {
    case .bald: drawShine()
    case .ring:
      drawSides(to: 5)
      drawShine()
    case .cropped: drawCap(volume: 0.2, sides: 1, hairline: hairline + 1, color: person.hairColor.withAlpha(0.82))
    case .short: drawCap(volume: volume, sides: 1.5, hairline: hairline, color: person.hairColor)
    case .parted:
      drawCap(volume: volume, sides: 2.5, hairline: hairline, color: person.hairColor)
      drawSweep(reach: 0.75)
    case .swept:
      drawCap(volume: volume + 1, sides: 2, hairline: hairline - 1, color: person.hairColor)
      drawSweep(reach: 1)
    case .curly:
      drawCap(volume: 1, sides: 3, hairline: hairline + 1, color: person.hairColor)
      drawCurls(color: person.hairColor, from: halfWidth - 0.6, step: 0.36, to: -0.35)
    case .fringe:
      drawCap(volume: volume, sides: 10, hairline: -6.6 - 1.5 * person.forehead, color: person.hairColor)
      drawStrands(to: -7.5 - 1.5 * person.forehead)
    case .bob, .long:
      drawCap(volume: volume, sides: person.hair == .bob ? 17 : 30, hairline: hairline, color: person.hairColor)
      drawSweep(reach: 0.9)
    case .scarf: drawScarf()
    }
  }

  /// A dome from side to side, open below the hairline; the parting moves the hairline's highest point.
  private func drawCap(volume: Double, sides: Double, hairline: Double, color: Color) {
    let half = halfWidth
    let (outer, top) = (half + 0.3 + 0.55 * volume, -20.6 - volume)
    let inner = half - 1.5
    let peak = point(0.45 * person.parting * half, hairline - 0.8, depth: 8)
    let (left, right) = (point(-inner * 0.86, hairline + 4, depth: 5), point(inner * 0.86, hairline + 4, depth: 5))
    canvas.fill(
      Path { path in
        path.move(to: Point(-outer, sides))
        path.curve(to: Point(0, top), control1: Point(-outer - 0.4, -13), control2: Point(-0.68 * outer, top))
        path.curve(to: Point(outer, sides), control1: Point(0.68 * outer, top), control2: Point(outer + 0.4, -13))
        path.line(to: Point(inner + 0.6, sides))
        path.curve(to: right, control1: Point(inner + 0.4, -2), control2: Point(right.x + 0.8, hairline + 8))
        path.curve(to: peak, control1: Point(right.x - 1.5, hairline + 0.5), control2: Point(peak.x + 5, peak.y))
        path.curve(to: left, control1: Point(peak.x - 5, peak.y), control2: Point(left.x + 1.5, hairline + 0.5))
        path.curve(
          to: Point(-inner - 0.6, sides), control1: Point(left.x - 0.8, hairline + 8), control2: Point(-inner - 0.4, -2)
        )
        path.close()
      }, with: color)
    // Light on the crown, and the roots' shadow on the forehead.
    let crown = Path { path in
      path.move(to: Point(-0.62 * outer, top + 6.5))
      path.curve(
        to: Point(0.55 * outer, top + 5.5), control1: Point(-0.3 * outer, top + 2.6),
        control2: Point(0.25 * outer, top + 2.2))
    }
    canvas.stroke(crown, with: Stroke(lighter.withAlpha(0.55), width: 1.5, cap: .round))
    let roots = Path { path in
      path.move(to: left)
      path.curve(to: peak, control1: Point(left.x + 1.5, hairline + 0.5), control2: Point(peak.x - 5, peak.y))
      path.curve(to: right, control1: Point(peak.x + 5, peak.y), control2: Point(right.x - 1.5, hairline + 0.5))
    }
    canvas.stroke(roots, with: Stroke(shadow.withAlpha(0.35), width: 0.9))
  }

  /// Hair combed from the parting over the forehead to both sides.
  private func drawSweep(reach: Double) {
    let half = halfWidth - 1
    let parting = point(0.45 * person.parting * half, hairline - 3.5, depth: 7)
    for side in [-1.0, 1.0] {
      let end = point(side * half * 0.98, hairline + 4 + 4 * reach, depth: 3)
      canvas.fill(
        Path { path in
          path.move(to: Point(parting.x, parting.y - 2))
          path.curve(
            to: end, control1: Point(parting.x + side * 7, parting.y - 1.5), control2: Point(end.x, end.y - 9))
          path.curve(
            to: Point(parting.x, parting.y + 1), control1: Point(end.x - side * 1.5, end.y - 6),
            control2: Point(parting.x + side * 6 * reach, parting.y + 4 * reach))
          path.close()
        }, with: person.hairColor)
      let strand = Path { path in
        path.move(to: parting)
        path.curve(
          to: Point(end.x, end.y - 2), control1: Point(parting.x + side * 6, parting.y),
          control2: Point(end.x - side * 0.5, end.y - 7))
      }
      canvas.stroke(strand, with: Stroke((side > 0 ? lighter : darker).withAlpha(0.6), width: 0.7))
    }
  }

  /// A straight fringe's strands.
  private func drawStrands(to bottom: Double) {
    for strand in -3...3 {
      let x = Double(strand) * halfWidth * 0.25
      let path = Path(polyline: [point(x * 0.8, -17, depth: 6), point(x, bottom, depth: 8)])
      canvas.stroke(path, with: Stroke((strand % 2 == 0 ? lighter : darker).withAlpha(0.5), width: 0.8))
    }
  }

  /// Round locks along the head, `step` radians apart, from the top to where the direction's sine is `last`.
  private func drawCurls(color: Color, from radius: Double, step: Double, to last: Double) {
    // Cosine and sine by turning a vector: what little they miss of the angle does not show.
    let (cosine, sine) = (1 - step * step / 2, step * (1 - step * step / 6))
    var locks = (Path(), Path())
    for side in [-1.0, 1.0] {
      var direction = Point(0, -1)
      var isEven = true
      while direction.y < last {
        let size = 3.1 + 0.5 * volume + (isEven ? 0.5 : 0)
        let center = Point(side * direction.x * radius, -3 + direction.y * (radius + 0.8))
        let bounds = Rectangle(x: center.x - size, y: center.y - size, width: 2 * size, height: 2 * size)
        if isEven { locks.0.ellipse(in: bounds) } else { locks.1.ellipse(in: bounds) }
        direction = Point(direction.x * cosine - direction.y * sine, direction.y * cosine + direction.x * sine)
        isEven.toggle()
      }
    }
    canvas.fill(locks.0, with: color)
    canvas.fill(locks.1, with: color.lightened(by: 1.12))
  }

  /// What is left above the ears of a bald head.
  private func drawSides(to bottom: Double) {
    let half = halfWidth
    for side in [-1.0, 1.0] {
      canvas.fill(
        Path { path in
          path.move(to: Point(side * (half + 0.9), bottom))
          path.curve(
            to: Point(side * (half - 3.5), -12.5), control1: Point(side * (half + 1.8), -4),
            control2: Point(side * (half + 0.5), -11))
          path.curve(
            to: Point(side * (half - 1.2), bottom), control1: Point(side * (half - 2.6), -7),
            control2: Point(side * (half - 1.6), -3))
          path.close()
        }, with: person.hairColor)
    }
  }

  private func drawShine() {
    let center = point(-3 + 30 * variation.lightSlope.x, -14.5, depth: 9)
    let shine = person.skin.mixed(with: .white, 0.6)
    for (radius, strength) in [(4.2, 0.14), (2.4, 0.22)] {
      canvas.fill(
        Path(
          ellipseIn: Rectangle(
            x: center.x - radius, y: center.y - radius * 0.55, width: 2 * radius, height: 1.1 * radius)),
        with: shine.withAlpha(strength))
    }
  }

  /// Cloth around the face, closed under the chin.
  private func drawScarf() {
    let (half, low) = (halfWidth, chin)
    let opening = half - 0.8
    let (outer, top) = (half + 3.4, -22 - volume / 2)
    let cloth = Path { path in
      path.move(to: Point(0, top))
      path.curve(to: Point(outer, 0), control1: Point(0.72 * outer, top), control2: Point(outer, -13))
      path.curve(to: Point(outer + 3, 40), control1: Point(outer, 14), control2: Point(outer + 1, 30))
      path.line(to: Point(-outer - 3, 40))
      path.curve(to: Point(-outer, 0), control1: Point(-outer - 1, 30), control2: Point(-outer, 14))
      path.curve(to: Point(0, top), control1: Point(-outer, -13), control2: Point(-0.72 * outer, top))
      path.close()
      // The opening runs the other way round.
      let edge = -12.2 - 2.5 * person.forehead
      path.move(to: point(0, edge, depth: 6))
      path.curve(to: Point(-opening, 2), control1: point(-9, edge, depth: 6), control2: Point(-opening, -8))
      path.curve(to: Point(0, low - 0.6), control1: Point(-opening, 14), control2: Point(-8, low - 0.6))
      path.curve(to: Point(opening, 2), control1: Point(8, low - 0.6), control2: Point(opening, 14))
      path.curve(to: point(0, edge, depth: 6), control1: Point(opening, -8), control2: point(9, edge, depth: 6))
      path.close()
    }
    canvas.fill(cloth, with: person.hairColor)
    let fold = Path { path in
      path.move(to: Point(-outer + 1, -4))
      path.curve(to: Point(4, low + 5), control1: Point(-outer + 1, 14), control2: Point(-8, low + 4))
      path.line(to: Point(9, 40))
    }
    canvas.stroke(fold, with: Stroke(darker.withAlpha(0.7), width: 0.9))
    let crown = Path { path in
      path.move(to: Point(-outer + 3, -8))
      path.curve(to: Point(outer - 4, -10), control1: Point(-9, top + 2), control2: Point(7, top + 1.5))
    }
    canvas.stroke(crown, with: Stroke(lighter.withAlpha(0.6), width: 1.1))
  }
}
