import Files

/// The command line as it was given: paths in it may be any bytes (`PathText`), which Swift's own list of arguments repairs.
enum Arguments {
  private static let all: [String] = (0..<Int(CommandLine.argc)).compactMap { index in
    CommandLine.unsafeArgv[index].map { PathText.text($0) }
  }

  /// The path of the program as it was called.
  static var program: String { all.first ?? "espalier" }

  /// What follows it.
  static var words: [String] { Array(all.dropFirst()) }
}
