import Files
import Plotting

/// Which format a figure's file has, by its extension.
public enum FigureFile {
  /// 300 dots per inch, as journals ask for.
  private static let dotsPerInch = 300.0

  /// The bytes of a figure for a path that ends in `.png`, `.pdf` or `.svg`.
  /// - Throws: `InputError` for any other extension; `PlottingError` where Cairo fails.
  public static func bytes(_ picture: Picture, for path: String) throws -> [UInt8] {
    try picture.data(as: try format(of: path))
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
