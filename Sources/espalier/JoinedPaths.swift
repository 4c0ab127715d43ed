/// Many paths in one argument, because the parser's time grows with the square of the number of arguments: 10,000 take it
/// seconds.
struct JoinedPaths {
  /// As they were given.
  let paths: [String]

  private static let separator: Character = "\0"

  /// - Parameter argument: one path, or several as `joining` leaves them: no argument of a process holds a zero byte.
  init(_ argument: String) {
    paths = argument.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
  }

  /// `compare`'s paths in a few arguments; short command lines, and those of other commands, as they are.
  ///
  /// What follows an option may be its value, and is left alone.
  static func joining(_ arguments: [String]) -> [String] {
    guard arguments.first == CompareCommand.configuration.commandName, arguments.count > 100 else { return arguments }
    var words: [String] = []
    // How many arguments in a row are no options.
    var plain = 0
    for argument in arguments.dropFirst() {
      plain = argument.hasPrefix("-") ? 0 : plain + 1
      if plain > 2 { words[words.count - 1] += "\(Self.separator)\(argument)" } else { words.append(argument) }
    }
    return [arguments[0]] + words
  }
}
