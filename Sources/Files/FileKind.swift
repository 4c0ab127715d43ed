/// What a file holds, by how it begins: enough to tell a network from a report before one replaces the other.
public enum FileKind: String, Sendable {
  case hdf5 = "an HDF5 file", zip = "a zip archive", png = "a PNG image", pdf = "a PDF document", svg = "an SVG image"
  case html = "an HTML page", record = "a run's record", json = "a JSON document", text = "text"
  case other = "a file of another kind"

  /// The kind of the file at `path`; nil where there is none, an empty one, or one that cannot be read.
  public static func ofFile(_ path: String) -> FileKind? {
    guard OutputFile.isFile(path), let start = try? FileBytes.start(path, count: 4096), !start.isEmpty else {
      return nil
    }
    let signatures: [(FileKind, [UInt8])] = [
      (.hdf5, [0x89, 0x48, 0x44, 0x46]), (.zip, [0x50, 0x4B, 3, 4]), (.png, [0x89, 0x50, 0x4E, 0x47]),
      (.pdf, Array("%PDF".utf8)),
    ]
    if let known = signatures.first(where: { start.starts(with: $0.1) }) { return known.0 }
    guard !start.contains(0) else { return .other }
    let text = String(decoding: start, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let begin = text.prefix(256).lowercased()
    if begin.hasPrefix("<svg") || begin.hasPrefix("<?xml") && text.contains("<svg") { return .svg }
    if begin.hasPrefix("<!doctype html") || begin.hasPrefix("<html") { return .html }
    guard text.first == "{" else { return .text }
    // A record begins with the names of its members in alphabetical order, or has them somewhere.
    let whole = (try? FileBytes.read(path, limit: 1 << 26)).map { String(decoding: $0, as: UTF8.self) } ?? String(text)
    return whole.contains("\"pruneOrder\"") && whole.contains("\"meanActivation\"") ? .record : .json
  }

  /// Whether one of these may replace `other` without being told to: text without marks of its own may be an earlier attempt at
  /// any text.
  public func replaces(_ other: FileKind) -> Bool {
    let texts: [FileKind] = [.svg, .html, .record, .json, .text]
    return self == other || other == .text && texts.contains(self)
  }
}
