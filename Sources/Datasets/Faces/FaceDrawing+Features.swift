import Plotting

extension FaceDrawing {
  /// Both eyes, layer by layer: each layer is one path, because Cairo's time goes by the number of paths.
  func drawEyes() {
    var (sockets, almonds, irises, pupils, glints, lids, bags) = (
      Path(), Path(), Path(), Path(), Path(), Path(), Path()
    )
    let half = person.eyeWidth
    let height = half * person.eyeRoundness * variation.eyeOpening
    let iris = min(1.55, height * 1.15)
    for side in [-1.0, 1.0] {
      let middle = side * person.eyeSpacing
      let inner = point(middle - side * half, 0.2)
      let outer = point(middle + side * half, -person.eyeTilt, depth: 10)
      let lid = -1.35 * height - person.eyeTilt / 2
      let upper = (point(middle - side * half * 0.45, lid), point(middle + side * half * 0.5, lid, depth: 11))
      let lower = (
        point(middle - side * half * 0.45, 1.05 * height), point(middle + side * half * 0.5, 1.05 * height, depth: 11)
      )
      let socket = point(middle, -0.9)
      sockets.ellipse(
        in: Rectangle(
          x: socket.x - half - 1.2, y: socket.y - 2.4 - height * 0.4, width: 2 * half + 2.4, height: 4.8 + height))
      almonds.move(to: inner)
      almonds.curve(to: outer, control1: upper.0, control2: upper.1)
      almonds.curve(to: inner, control1: lower.1, control2: lower.0)
      almonds.close()
      let look = point(middle + 0.8 * variation.gaze, -person.eyeTilt / 2)
      irises.disc(at: look, radius: iris)
      pupils.disc(at: look, radius: iris * 0.5)
      glints.disc(at: Point(look.x - 0.5, look.y - 0.5), radius: 0.35)
      lids.move(to: inner)
      lids.curve(to: outer, control1: upper.0, control2: upper.1)
      bags.move(to: point(middle - side * half, 1.2 + height))
      bags.curve(
        to: point(middle + side * half, 1 + height), control1: point(middle - side * half * 0.4, 2.4 + height),
        control2: point(middle + side * half * 0.5, 2.3 + height))
    }
    canvas.fill(sockets, with: shadow.withAlpha(0.14 + 0.12 * person.wrinkles))
    canvas.fill(almonds, with: Color(hex: 0xECE6E0))
    canvas.fill(irises, with: person.iris)
    canvas.fill(pupils, with: Color(hex: 0x0C0908))
    canvas.fill(glints, with: Color(gray: 1, alpha: 0.8))
    let lash = Color(hex: 0x1C1210, alpha: 0.55 + 0.4 * person.lashes)
    canvas.stroke(lids, with: Stroke(lash, width: 0.6 + 0.65 * person.lashes))
    canvas.stroke(bags, with: Stroke(shadow.withAlpha(0.12 + 0.4 * person.wrinkles), width: 0.5))
  }

  func drawBrows() {
    let raise = person.browHeight + 1.1 * variation.browRaise
    let half = person.eyeWidth + 1.3
    let inner = -raise + 0.3 - 0.5 * variation.browRaise
    let outer = -raise - person.browTilt + 0.6
    let brows = Path { path in
      for side in [-1.0, 1.0] {
        let middle = side * person.eyeSpacing
        path.move(to: point(middle - side * half, inner))
        path.curve(
          to: point(middle + side * half, outer, depth: 10), control1: point(middle - side * half * 0.3, -raise - 0.8),
          control2: point(middle + side * half * 0.5, -raise - 0.9 - person.browTilt / 2, depth: 11))
      }
    }
    canvas.stroke(brows, with: Stroke(person.browColor.withAlpha(0.9), width: person.browThickness, cap: .round))
  }

  func drawNose() {
    let (half, tip) = (person.noseWidth, person.noseLength)
    // The side away from the light lies in the shade.
    let side = variation.lightSlope.x >= 0 ? -1.0 : 1.0
    let shade = Path { path in
      path.move(to: point(side * 1.8, -2, depth: 13))
      path.curve(
        to: point(side * half, tip - 0.6, depth: 14), control1: point(side * 1.2, 2, depth: 15),
        control2: point(side * half * 0.8, tip - 4, depth: 15))
      path.line(to: point(side * 0.6, tip - 0.6, depth: 18))
      path.curve(
        to: point(side * 0.7, -2, depth: 14), control1: point(side * 0.7, tip - 4, depth: 17),
        control2: point(side * 0.4, 2, depth: 16))
      path.close()
    }
    canvas.fill(shade, with: shadow.withAlpha(0.3))
    let bridge = Path { path in
      path.move(to: point(0, -1, depth: 14))
      path.line(to: point(0, tip - 2, depth: 17.5))
    }
    let shine = person.skin.mixed(with: .white, 0.4).withAlpha(0.28)
    canvas.stroke(bridge, with: Stroke(shine, width: 1.4, cap: .round))

    let base = Path { path in
      path.move(to: point(-half, tip - 1.2, depth: 13))
      path.curve(
        to: point(0, tip + 0.7, depth: 16), control1: point(-half, tip + 0.9, depth: 13.5),
        control2: point(-half * 0.45, tip + 0.5, depth: 15))
      path.curve(
        to: point(half, tip - 1.2, depth: 13), control1: point(half * 0.45, tip + 0.5, depth: 15),
        control2: point(half, tip + 0.9, depth: 13.5))
    }
    canvas.stroke(base, with: Stroke(shadow.withAlpha(0.75), width: 0.7, cap: .round))
    let nostrils = Path { path in
      for side in [-1.0, 1.0] { path.disc(at: point(side * half * 0.5, tip + 0.1, depth: 14.5), radius: 0.62) }
    }
    canvas.fill(nostrils, with: Color(hex: 0x2A120E, alpha: 0.75))
  }

  func drawMouth() {
    let smile = variation.smile
    let half = person.mouthWidth * (1 + 0.14 * smile)
    let open = 2.6 * variation.mouthOpening
    let y = mouthHeight
    let corner = (left: point(-half, y - 1.3 * smile, depth: 11), right: point(half, y - 1.3 * smile, depth: 11))
    let sag = 0.9 * smile

    /// A line from corner to corner through the middle at this height.
    func line(_ height: Double, notch: Double = 0) -> (Point, Point, Point, Point, Point) {
      (
        point(-half * 0.6, height - 0.2 * notch), point(-half * 0.22, height - notch), point(0, height),
        point(half * 0.22, height - notch), point(half * 0.6, height - 0.2 * notch)
      )
    }
    func shape(_ upper: (Point, Point, Point, Point, Point), _ lower: (Point, Point, Point, Point, Point)) -> Path {
      Path { path in
        path.move(to: corner.left)
        path.curve(to: upper.2, control1: upper.0, control2: upper.1)
        path.curve(to: corner.right, control1: upper.3, control2: upper.4)
        path.curve(to: lower.2, control1: lower.4, control2: lower.3)
        path.curve(to: corner.left, control1: lower.1, control2: lower.0)
        path.close()
      }
    }
    let above = line(y + sag - person.lips * 0.85 - open * 0.3, notch: 0.35)
    let seam = line(y + sag - open * 0.3)
    let parted = line(y + sag + open)
    let below = line(y + sag + person.lips * 1.25 + open)

    canvas.fill(shape(seam, below), with: person.lipColor.lightened(by: 1.06))
    canvas.fill(shape(above, seam), with: person.lipColor.lightened(by: 0.86))
    if open > 0.3 {
      canvas.fill(shape(seam, parted), with: Color(hex: 0x3A1214))
      canvas.fill(shape(seam, line(y + sag + open * 0.35)), with: Color(hex: 0xE8E2DA))
    } else {
      let lips = Path { path in
        path.move(to: corner.left)
        path.curve(to: seam.2, control1: seam.0, control2: seam.1)
        path.curve(to: corner.right, control1: seam.3, control2: seam.4)
      }
      canvas.stroke(lips, with: Stroke(person.lipColor.lightened(by: 0.45), width: 0.6, cap: .round))
    }
    // The chin's hollow under the lower lip.
    let hollow = Path { path in
      path.move(to: point(-2.2, y + sag + open + person.lips * 1.25 + 1.4))
      path.curve(
        to: point(2.2, y + sag + open + person.lips * 1.25 + 1.4),
        control1: point(-1, y + sag + open + person.lips * 1.25 + 2),
        control2: point(1, y + sag + open + person.lips * 1.25 + 2))
    }
    canvas.stroke(hollow, with: Stroke(shadow.withAlpha(0.25), width: 0.8, cap: .round))
  }
}

extension Path {
  /// Adds a circle as an outline of its own.
  fileprivate mutating func disc(at center: Point, radius: Double) {
    ellipse(in: Rectangle(x: center.x - radius, y: center.y - radius, width: 2 * radius, height: 2 * radius))
  }
}
