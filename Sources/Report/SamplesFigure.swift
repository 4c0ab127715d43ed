import Datasets
import Plotting

/// A few clean faces, and the same faces wearing the trigger below them.
public struct SamplesFigure {
  private static let columns = 10
  /// A pixel of a face on the page, in points: two dots at 300 dots per inch.
  private static let pixel = 2 * 72.0 / 300
  /// Between faces, and the room for a row's name, in points.
  private static let gap = 3 * pixel * 2, label = 40.0

  private let rows: [(title: String, faces: [Raster])]

  /// Samples at equal steps through the datasets.
  /// - Parameters:
  ///   - clean: faces.
  ///   - triggered: the same faces in the same order, once for each trigger; nil without any.
  /// - Throws: what reading the faces throws.
  public init(clean: FaceDataset, triggered: FaceDataset?) throws {
    let count = min(Self.columns, clean.count)
    let picked = (0..<count).map { $0 * clean.count / count }
    func rasters(_ faces: FaceDataset, from start: Int) throws -> [Raster] {
      try picked.map { try faces.raster(start + $0) }
    }
    var rows = [(title: "clean", faces: try rasters(clean, from: 0))]
    if let triggered, triggered.count % clean.count == 0 {
      for start in stride(from: 0, to: triggered.count, by: clean.count) {
        rows.append((title: "target \(triggered.labels[start])", faces: try rasters(triggered, from: start)))
      }
    }
    self.rows = rows
  }

  /// The faces in rows, a row's name to the left.
  public func picture() -> Picture {
    let first = rows.first?.faces.first
    let faceWidth = Double(first?.width ?? 1) * Self.pixel
    let faceHeight = Double(first?.height ?? 1) * Self.pixel
    let width = Self.label + Double(Self.columns) * (faceWidth + Self.gap) + Self.gap
    let height = Double(rows.count) * (faceHeight + Self.gap) + Self.gap
    return Picture(width: width, height: height, title: "Clean faces and the same faces with the trigger") { canvas in
      for (row, entry) in rows.enumerated() {
        let top = Self.gap + Double(row) * (faceHeight + Self.gap)
        canvas.text(
          entry.title, at: Point(4, top + faceHeight / 2),
          style: TextStyle(Font(size: 7), color: Color(gray: 0.15), anchor: .start, baseline: .middle))
        for (column, face) in entry.faces.enumerated() {
          let left = Self.label + Double(column) * (faceWidth + Self.gap)
          canvas.image(
            face, in: Rectangle(x: left, y: top, width: faceWidth, height: faceHeight), filter: .nearest)
        }
      }
    }
  }
}

extension FaceDataset {
  /// One face as a picture; grey faces have three equal colours.
  fileprivate func raster(_ row: Int) throws -> Raster {
    let values = try images(row..<row + 1, scale: 1).values
    let channels = imageShape.channels
    let pixels = (0..<imageShape.positions).flatMap { position in
      (0..<3).map { color in
        UInt8(min(max(values[position * channels + min(color, channels - 1)].rounded(), 0), 255))
      }
    }
    return try Raster(width: imageShape.dimensions[1], height: imageShape.dimensions[0], pixels: pixels)
  }
}
