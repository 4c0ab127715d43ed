import Plotting

extension FaceDrawing {
  private var beardColor: Color { person.hairColor.mixed(with: person.browColor, 0.5) }

  /// Hair on cheeks and chin, under the mouth.
  func drawBeard() {
    switch person.beard {
    case .none, .moustache: break
    case .stubble: drawFullBeard(color: person.browColor.withAlpha(0.3), beyond: 0)
    case .goatee:
      let (top, bottom) = (mouthHeight - 2.2, chin + 0.8)
      let half = person.mouthWidth + 0.6
      canvas.fill(
        Path { path in
          path.move(to: point(-half, top))
          path.curve(to: Point(0, bottom), control1: point(-half - 1, bottom - 4), control2: Point(-4.5, bottom))
          path.curve(to: point(half, top), control1: Point(4.5, bottom), control2: point(half + 1, bottom - 4))
          path.close()
        }, with: beardColor.withAlpha(0.92))
    case .full:
      drawFullBeard(color: beardColor.withAlpha(0.94), beyond: 1.8)
      for strand in -2...2 {
        let x = Double(strand) * 3.4
        canvas.stroke(
          Path(polyline: [point(x, mouthHeight + 4), Point(x * 0.9, chin + 0.8)]),
          with: Stroke(beardColor.lightened(by: strand % 2 == 0 ? 1.3 : 0.7).withAlpha(0.5), width: 0.7))
      }
    }
  }

  /// From ear to ear along the jaw, and up to below the nose; `beyond` is how far it reaches past the chin.
  private func drawFullBeard(color: Color, beyond: Double) {
    let half = halfWidth
    let cheek = 0.5 * (person.noseLength + mouthHeight)
    let jaw = jawline
    func lowered(_ point: Point) -> Point { Point(point.x, point.y + beyond * max(0, point.y / chin)) }
    canvas.fill(
      Path { path in
        path.move(to: Point(-half, -2))
        for side in jaw {
          path.curve(to: lowered(side.end), control1: lowered(side.control1), control2: lowered(side.control2))
        }
        for (index, side) in jaw.enumerated().reversed() {
          let end = index == 0 ? Point(-half, -2) : jaw[index - 1].end
          func mirrored(_ point: Point) -> Point { Point(-lowered(point).x, lowered(point).y) }
          path.curve(to: mirrored(end), control1: mirrored(side.control2), control2: mirrored(side.control1))
        }
        path.curve(
          to: point(person.mouthWidth + 1.5, cheek, depth: 11), control1: Point(half - 2.2, 6),
          control2: point(half - 4, cheek, depth: 6))
        path.curve(
          to: point(-person.mouthWidth - 1.5, cheek, depth: 11), control1: point(2, person.noseLength + 1.4),
          control2: point(-2, person.noseLength + 1.4))
        path.curve(
          to: Point(-half, -2), control1: point(-half + 4, cheek, depth: 6), control2: Point(-half + 2.2, 6))
        path.close()
      }, with: color)
  }

  /// Hair on the upper lip, over the mouth.
  func drawMoustache() {
    guard person.beard == .moustache || person.beard == .goatee || person.beard == .full else { return }
    let (half, top) = (person.mouthWidth + 0.7, person.noseLength + 1.3)
    let bottom = mouthHeight - person.lips * 0.6 - 0.25 * variation.mouthOpening
    let end = mouthHeight + 0.8 - 1.2 * variation.smile
    canvas.fill(
      Path { path in
        path.move(to: point(0, top + 0.5, depth: 14))
        path.curve(
          to: point(half, end, depth: 11), control1: point(half * 0.5, top - 0.4, depth: 13),
          control2: point(half * 0.9, top + 1.4))
        path.curve(
          to: point(0, bottom, depth: 13), control1: point(half * 0.75, bottom + 0.7),
          control2: point(half * 0.3, bottom + 0.4))
        path.curve(
          to: point(-half, end, depth: 11), control1: point(-half * 0.3, bottom + 0.4),
          control2: point(-half * 0.75, bottom + 0.7))
        path.curve(
          to: point(0, top + 0.5, depth: 14), control1: point(-half * 0.9, top + 1.4),
          control2: point(-half * 0.5, top - 0.4, depth: 13))
        path.close()
      }, with: beardColor.withAlpha(0.95))
  }
}
