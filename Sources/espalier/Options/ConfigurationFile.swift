import Files
import Yams

/// `--config experiment.yaml`: the same options by the same names. They are put before those of the command line, so
/// that the latter win.
struct ConfigurationFile {
  let path: String
  /// The file's options as arguments.
  let options: [String]

  private static let maximumBytes = 1 << 16
  private static let maximumAliases = 8

  /// The options that take no value: here they are true or false.
  static let flags: Set = ["crate", "exclude-target", "force", "json", "keep-going", "no-wait", "retrain", "strict"]

  /// The file that follows the last `--config` of some arguments; nil where there is none.
  /// - Throws: `InputError` for what is no list of options by name.
  init?(namedIn arguments: [String]) throws {
    guard let path = ConfigurationFile.path(in: arguments) else { return nil }
    self.path = path
    options = try ConfigurationFile.options(of: path)
  }

  private static func path(in arguments: [String]) -> String? {
    var path: String?
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { break }
      if argument == "--config", index + 1 < arguments.count { path = arguments[index + 1] }
      if argument.hasPrefix("--config=") { path = String(argument.dropFirst("--config=".count)) }
    }
    return path
  }

  private static func options(of path: String) throws -> [String] {
    let expected = "a line `name: value` for each option"
    guard let text = String(validating: try FileBytes.read(path, limit: maximumBytes), as: UTF8.self) else {
      throw InputError(path, found: "bytes that are not UTF-8", expected: expected)
    }
    let aliases = aliasCount(text)
    guard aliases <= maximumAliases else {
      throw InputError(path, found: "\(aliases) aliases", expected: "at most \(maximumAliases)")
    }
    let document: Node?
    do {
      // An editor may put a byte order mark before the text.
      document = try Yams.compose(yaml: String(text.trimmingPrefix("\u{FEFF}")))
    } catch YamlError.duplicatedKeysInMapping(let names, _) {
      throw InputError(path, found: "\(names.joined(separator: ", ")) twice", expected: "each option once")
    } catch {
      throw InputError(path, found: "text that is not YAML (\(problem(error)))", expected: expected)
    }
    guard let document else { return [] }
    guard let mapping = document.mapping else {
      throw InputError(path, found: "no names at the top", expected: expected)
    }
    return try mapping.flatMap { key, value in
      guard let name = key.scalar?.string, name.wholeMatch(of: /[A-Za-z][A-Za-z0-9-]*/) != nil else {
        throw InputError(path, found: "a name that is no word", expected: expected)
      }
      return try option(name, value, path)
    }
  }

  /// How often `*name` stands in the text. Lists of aliases of lists of aliases grow without bound where the parser compares
  /// keys, which a few cannot.
  private static func aliasCount(_ text: String) -> Int {
    text.matches(of: /\*[-_0-9A-Za-z]/).count
  }

  private static func option(_ name: String, _ value: Node, _ path: String) throws -> [String] {
    guard !["config", "help", "version"].contains(name) else {
      throw InputError(path, found: "\(name) inside a configuration", expected: "other options")
    }
    switch value {
    case .scalar(let scalar):
      let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
      guard !isNull, !scalar.string.isEmpty else {
        throw InputError("\(path): \(name)", found: "no value", expected: "a value, or a list of values")
      }
      guard flags.contains(name) else { return ["--\(name)=\(scalar.string)"] }
      switch scalar.string {
      case "true": return ["--\(name)"]
      case "false": return []
      default: throw InputError("\(path): \(name)", found: scalar.string, expected: "true or false")
      }
    case .sequence(let items):
      let words = items.compactMap(\.scalar?.string)
      guard words.count == items.count, !words.isEmpty else { break }
      return ["--\(name)=\(words.joined(separator: ","))"]
    default: break
    }
    throw InputError("\(path): \(name)", found: "a nested value", expected: "a value, or a list of values")
  }

  /// What the YAML parser found, and where, without the picture of the line that it adds.
  private static func problem(_ error: any Error) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      // The library's own words name a function of its own.
      "line \(mark.line): \(problem.hasPrefix("Maximum nesting") ? "nested deeper than 1000" : problem)"
    case YamlError.reader(let problem, _, _, _): problem
    default: "\(error)"
    }
  }
}
