import Datasets
import Experiment
import Files
import Plotting

/// Figures of a run, drawn again and compared with their files.
public struct FigureVerification {
  /// What a figure shows.
  public enum Kind: String, CaseIterable, Sendable {
    /// Clean and triggered faces; the history of the training; accuracy against attack success.
    case samples, training, pruning
  }

  private let record: RunRecord
  private let faces: Splits<FaceDataset>
  private let reference: ReferenceCurve?
  private let recomputed: (study: Bool, training: Bool)
  /// The largest figure that is read, in bytes.
  private static let limit = 1 << 28

  /// The figures of a run.
  /// - Parameters:
  ///   - record: recomputed where that was possible.
  ///   - faces: those of the record, for the figure of samples.
  ///   - reference: the published curve that stands beside the run's own.
  ///   - recomputed: whether the record's study and its training were recomputed; a figure of what was not is not checked.
  public init(
    _ record: RunRecord, faces: Splits<FaceDataset> = Splits(), reference: ReferenceCurve? = nil,
    recomputed: (study: Bool, training: Bool) = (true, true)
  ) {
    self.recomputed = recomputed
    self.record = record
    self.faces = faces
    self.reference = reference
  }

  /// Draws the figure that should be at `path` and compares bytes; of PNG files with other bytes, pixels.
  ///
  /// - Parameter kind: what it has to show; nil where its name tells, which ends in `-samples` or `-training` before its
  ///   extension for those figures of the run.
  /// - Throws: `InputError` for another extension than `.png`, `.pdf` or `.svg`.
  public func finding(_ path: String, as kind: Kind? = nil) throws -> Finding {
    let kind = kind ?? self.kind(of: path)
    let finding = try redrawn(path, kind)
    switch kind {
    case .pruning: return recomputed.study ? finding : finding.besideTheRecord
    case .training: return recomputed.training ? finding : finding.besideTheRecord
    case .samples: return finding
    }
  }

  private func redrawn(_ path: String, _ kind: Kind) throws -> Finding {
    let format = try FigureFile.format(of: path)
    guard OutputFile.isFile(path) else { return .compared("figure", path, differences: ["\(path): no such file"]) }
    return try compared(path, kind, format) { try FileBytes.read(path, limit: Self.limit) }
  }

  /// Draws the samples that a page has inside and compares them.
  func finding(ofSamples bytes: [UInt8], named name: String) throws -> Finding {
    try compared(name, .samples, FigureFile.format(of: "samples.png")) { bytes }
  }

  private func compared(
    _ path: String, _ kind: Kind, _ format: Picture.Format, bytes: () throws -> [UInt8]
  ) throws -> Finding {
    let picture: Picture?
    switch kind {
    case .pruning: picture = try PruningFigure(record, reference: reference).picture()
    case .training: picture = try record.training.map { try TrainingFigure($0).picture() }
    case .samples:
      let (clean, backdoored) = record.reported
      guard let own = faces[clean], backdoored == nil || backdoored.flatMap({ faces[$0] }) != nil else {
        return .notChecked("figure", "\(path): not redrawn, without the faces of the record")
      }
      picture = try SamplesFigure(clean: own, triggered: backdoored.flatMap { faces[$0] }).picture()
    }
    guard let picture else {
      return .compared("figure", path, differences: ["\(path): of a training, and the network was not trained here"])
    }
    let found: [UInt8]
    do {
      found = try bytes()
    } catch {
      return .compared("figure", path, differences: ["\(error)"])
    }
    let expected = try picture.data(as: format)
    guard found != expected else { return .same("figure", path) }
    if case .png = format, try hasSamePixels(found, expected, path) {
      guard let foreign = Self.foreignChunk(found, expected) else {
        return .same("figure", "\(path), the same pixels in other bytes")
      }
      return .compared("figure", path, differences: ["\(path): \(foreign)"])
    }
    let byte = zip(found, expected).prefix { $0 == $1 }.count
    return .compared(
      "figure", path,
      differences: ["\(path): other bytes than redrawn, from byte \(byte + 1) of \(found.count) on"])
  }

  private func kind(of path: String) -> Kind {
    let stem = path.prefix(upTo: path.lastIndex(of: ".") ?? path.endIndex)
    return Kind.allCases.first { stem.hasSuffix("-\($0.rawValue)") } ?? .pruning
  }

  /// The first chunk that is not one of those written here; what it holds may be shown in place of the pixels.
  private static func foreignChunk(_ found: [UInt8], _ expected: [UInt8]) -> String? {
    let (own, other) = (PNGChunks.besidesData(found), PNGChunks.besidesData(expected))
    if let chunk = own.first(where: { chunk in !other.contains { $0 == chunk } }) {
      return "a chunk \(chunk.type) that is not written here"
    }
    if let chunk = other.first(where: { chunk in !own.contains { $0 == chunk } }) { return "no chunk \(chunk.type)" }
    return own.count == other.count && zip(own, other).allSatisfy({ $0 == $1 }) ? nil : "chunks in another order"
  }

  private func hasSamePixels(_ found: [UInt8], _ expected: [UInt8], _ path: String) throws -> Bool {
    guard PNGChunks.areSound(found), let bitmap = try? ImageFile(bytes: found, name: path).bitmap else { return false }
    return try bitmap == ImageFile(bytes: expected, name: path).bitmap
  }
}
