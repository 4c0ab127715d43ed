import Datasets
import Experiment
import Files
import Plotting

/// Figures of a run, drawn again and held against their files.
public struct FigureVerification {
  /// What a figure shows, told by the end of its name as `run` names them.
  private enum Kind: String, CaseIterable { case samples, training, pruning }

  private let record: RunRecord
  private let faces: Splits<FaceDataset>
  private let reference: ReferenceCurve?
  /// The largest figure that is read, in bytes.
  private static let limit = 1 << 28

  /// The figures of a run.
  /// - Parameters:
  ///   - record: computed anew where that was possible.
  ///   - faces: those of the record, for the figure of samples.
  ///   - reference: the published curve that stands beside the run's own.
  public init(_ record: RunRecord, faces: Splits<FaceDataset> = Splits(), reference: ReferenceCurve? = nil) {
    self.record = record
    self.faces = faces
    self.reference = reference
  }

  /// Draws the figure that should be at `path` and compares bytes; of PNG files with other bytes, pixels.
  ///
  /// A name that ends in `-samples` or `-training` before its extension is that figure of the run.
  /// - Throws: `InputError` for another extension than `.png`, `.pdf` or `.svg`.
  public func finding(_ path: String) throws -> Finding {
    let format = try FigureFile.format(of: path)
    guard OutputFile.isFile(path) else { return .compared("figure", path, differences: ["\(path): no such file"]) }
    let picture: Picture?
    switch kind(of: path) {
    case .pruning: picture = try PruningFigure(record, reference: reference).picture()
    case .training: picture = try record.training.map { try TrainingFigure($0).picture() }
    case .samples:
      let (clean, backdoored) = record.reported
      guard let own = faces[clean], backdoored == nil || backdoored.flatMap({ faces[$0] }) != nil else {
        return .notChecked("figure", "\(path): not drawn anew, without the faces of the record")
      }
      picture = try SamplesFigure(clean: own, triggered: backdoored.flatMap { faces[$0] }).picture()
    }
    guard let picture else {
      return .compared("figure", path, differences: ["\(path): of a training, and the network was not trained here"])
    }
    let found: [UInt8]
    do {
      found = try FileBytes.read(path, limit: Self.limit)
    } catch {
      return .compared("figure", path, differences: ["\(error)"])
    }
    let expected = try picture.data(as: format)
    guard found != expected else { return .same("figure", path) }
    if case .png = format, try hasSamePixels(found, expected, path) {
      return .same("figure", "\(path), the same pixels in other bytes")
    }
    let byte = zip(found, expected).prefix { $0 == $1 }.count
    return .compared(
      "figure", path,
      differences: ["\(path): other bytes than drawn anew, from byte \(byte + 1) of \(found.count) on"])
  }

  private func kind(of path: String) -> Kind {
    let stem = path.prefix(upTo: path.lastIndex(of: ".") ?? path.endIndex)
    return Kind.allCases.first { stem.hasSuffix("-\($0.rawValue)") } ?? .pruning
  }

  private func hasSamePixels(_ found: [UInt8], _ expected: [UInt8], _ path: String) throws -> Bool {
    guard PNGChunks.areSound(found), let bitmap = try? ImageFile(bytes: found, name: path).bitmap else { return false }
    return try bitmap == ImageFile(bytes: expected, name: path).bitmap
  }
}
