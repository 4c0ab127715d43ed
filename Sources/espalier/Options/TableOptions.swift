import ArgumentParser
import Files
import Report

extension TableFormat: ExpressibleByArgument {}

/// The tables of a report by themselves.
struct TableFiles {
  let tables: [ReportTable]
  let format: TableFormat

  /// All tables one after the other, each below its title as a comment.
  private var text: String {
    let mark = format == .latex ? "%" : format == .csv ? "#" : "###"
    return tables.map { "\(mark) \($0.title)\n\(format == .markdown ? "\n" : "")\($0.text(as: format))\n" }
      .joined(separator: "\n")
  }

  /// Writes a file for each table into a folder, or all of them into one file or to standard output.
  /// - Parameters:
  ///   - output: a folder, which ends in a slash or is there; a file of the format's kind; or `-`.
  ///   - check: is asked about the files before any is written.
  func write(to output: String, check: (_ paths: [String]) throws -> Void) throws {
    if output == "-" { return try Console.answer(text) }
    let kind = format == .latex ? ".tex" : format == .csv ? ".csv" : ".md"
    let files = StagedOutputs()
    var paths: [String] = []
    if output.hasSuffix("/") || OutputFile.isFolder(output) {
      let folder = output.hasSuffix("/") ? String(output.dropLast()) : output
      paths = tables.map { "\(folder)/\($0.name)\(kind)" }
      try check(paths)
      for (table, path) in zip(tables, paths) { try files.add(table.text(as: format) + "\n", at: path) }
    } else {
      guard output.lowercased().hasSuffix(kind) else {
        throw InputError(
          output, found: "not a place for --table \(format.rawValue)",
          expected: "a folder, or a name that ends in \(kind)")
      }
      paths = [output]
      try check(paths)
      try files.add(text, at: output)
    }
    try files.commit()
    for path in paths { Console.wrote(path) }
  }
}
