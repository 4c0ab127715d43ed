import Files
import Plotting

/// Which format a figure's file has, by its extension.
public enum FigureFile {
  /// 300 dots per inch, as journals ask for.
  private static let dotsPerInch = 300.0

  /// The bytes of a figure for a path that ends in `.png`, `.pdf` or `.svg`.
  /// - Throws: `InputError` for any other extension; `PlottingError` where Cairo fails.
  public static func bytes(_ picture: Picture, for path: String) throws -> [UInt8] {
    try drawn(picture, for: path).bytes
  }

  /// The bytes of a figure, and a sentence on the letters in it that no installed font has; nil where there are none.
  /// - Throws: as `bytes(_:for:)`.
  public static func drawn(_ picture: Picture, for path: String) throws -> (bytes: [UInt8], warning: String?) {
    let (data, missing) = try picture.drawn(as: try format(of: path))
    guard !missing.isEmpty else { return (data, nil) }
    let named = missing.prefix(mostNamed).map { letter in
      letter.unicodeScalars.map {
        "U+" + String(repeating: "0", count: max(0, 4 - hexadecimal($0).count)) + hexadecimal($0)
      }
      .joined(separator: " ")
    }
    let rest = missing.count > named.count ? " and \(missing.count - named.count) more" : ""
    let warning =
      "\(path): no installed font has \(named.joined(separator: ", "))\(rest), drawn as empty boxes; install one that does"
    return (data, warning)
  }

  /// How many letters a warning names.
  private static let mostNamed = 5

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    String(scalar.value, radix: 16, uppercase: true)
  }

  /// The format that the extension of `path` asks for.
  /// - Throws: `InputError` for an extension that is not `.png`, `.pdf` or `.svg`.
  public static func format(of path: String) throws -> Picture.Format {
    let name = path.lowercased()
    if name.hasSuffix(".png") { return .png(dotsPerInch: dotsPerInch) }
    if name.hasSuffix(".pdf") { return .pdf }
    if name.hasSuffix(".svg") { return .svg }
    throw InputError(path, found: "an unknown kind of figure", expected: "a name that ends in .png, .pdf or .svg")
  }
}
