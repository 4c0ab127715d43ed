/// Where a chart's values lie on the page.
struct PlotGeometry: Sendable {
  /// The area between the axes, with headroom around the axes' ends.
  let plot: Rectangle
  let x: LinearScale
  let y: LinearScale

  init(_ chart: LineChart, plot: Rectangle) {
    self.plot = plot
    let inner = plot.inset(by: chart.style.headroom)
    x = chart.xAxis.scale(from: inner.x, to: inner.right)
    y = chart.yAxis.scale(from: inner.bottom, to: inner.y)
  }

  func page(_ point: Point) -> Point { Point(x.position(of: point.x), y.position(of: point.y)) }

  /// The line through a series' points on the page, broken where a value is not finite.
  func lines(of series: Series) -> [[Point]] {
    guard series.interpolation != .none else { return [] }
    return finiteRuns(series.points).map { run in
      let points = run.map(page)
      return series.interpolation == .step ? steps(points) : points
    }
  }

  /// A line as obstacles, without detail smaller than a point; a level stretch is one segment.
  func obstacles(along line: [Point]) -> [Segment] {
    guard let last = line.last, var kept = line.first else { return [] }
    var segments: [Segment] = []
    for point in line.dropFirst() where Segment(kept, point).length >= 1 || point == last {
      if let previous = segments.last, previous.start.y == kept.y, kept.y == point.y {
        segments[segments.count - 1].end = point
      } else {
        segments.append(Segment(kept, point))
      }
      kept = point
    }
    return segments
  }

  /// Points every `spacing` points or closer along the visible part of a line.
  func samples(along line: [Point], every spacing: Double) -> [Point] {
    var samples: [Point] = []
    var last: Point?
    for segment in Segment.joining(line) where segment.length(inside: plot) > 0 {
      let pieces = max(1, Int(min(segment.length / spacing, 1000)))
      for piece in 0...pieces {
        let t = Double(piece) / Double(pieces)
        let point = Point(
          segment.start.x + t * (segment.end.x - segment.start.x),
          segment.start.y + t * (segment.end.y - segment.start.y))
        guard plot.squaredDistance(to: point) == 0 else { continue }
        if let last, Segment(last, point).length < spacing * 0.9 { continue }
        samples.append(point)
        last = point
      }
    }
    return samples
  }

  private func finiteRuns(_ points: [Point]) -> [[Point]] {
    points.split { !$0.x.isFinite || !$0.y.isFinite }.map(Array.init)
  }

  private func steps(_ points: [Point]) -> [Point] {
    guard let first = points.first else { return [] }
    return zip(points, points.dropFirst()).reduce(into: [first]) { line, pair in
      line += [Point(pair.1.x, pair.0.y), pair.1]
    }
  }
}
