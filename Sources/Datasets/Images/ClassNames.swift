import Files

/// The classes of a network by label.
public enum ClassNames {
  /// Reads names: a file with one a line, or the names themselves with commas between them.
  /// - Throws: `InputError` for a file without names, or a name that is there twice.
  public static func read(_ text: String) throws -> [String] {
    let names: [String]
    if !OutputFile.isFile(text), text.contains(",") {
      names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    } else {
      guard let lines = String(validating: try FileBytes.read(text, limit: 1 << 24), as: UTF8.self) else {
        throw InputError(text, found: "bytes that are not UTF-8", expected: "the name of a class a line")
      }
      // Labels are counted by lines, so that only what follows the last name may be empty.
      let all = lines.trimmingPrefix("\u{FEFF}").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .map(String.init)
      names = Array(all.reversed().drop(while: \.isEmpty).reversed())
    }
    guard !names.isEmpty, !names.contains(where: \.isEmpty) else {
      throw InputError(
        text, found: names.isEmpty ? "no names" : "no name for label \(names.firstIndex(of: "") ?? 0)",
        expected: "the name of a class a line")
    }
    var seen: Set<String> = []
    if let twice = names.first(where: { !seen.insert($0).inserted }) {
      throw InputError(text, found: "the class \(twice) twice", expected: "each name once")
    }
    return names
  }
}
