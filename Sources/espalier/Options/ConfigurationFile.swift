import Backdoor
import Yams

/// `--config experiment.yaml`: the same options by the same names. They are put before those of the command line, so
/// that the latter win.
struct ConfigurationFile {
  let path: String
  /// The file's options as arguments.
  let options: [String]

  private static let maximumBytes = 1 << 16

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
    let document: Node?
    do {
      document = try Yams.compose(yaml: text)
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
      guard let name = key.scalar?.string, !name.isEmpty else {
        throw InputError(path, found: "a name that is no word", expected: expected)
      }
      return try option(name, value, path)
    }
  }

  private static func option(_ name: String, _ value: Node, _ path: String) throws -> [String] {
    guard name != "config" else {
      throw InputError(path, found: "config inside a configuration", expected: "other options")
    }
    switch value {
    case .scalar(let scalar):
      switch scalar.string {
      case "true": return ["--\(name)"]
      case "false": return []
      case "": throw InputError("\(path): \(name)", found: "no value", expected: "a value, or a list of values")
      default: return ["--\(name)=\(scalar.string)"]
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
      "line \(mark.line): \(problem)"
    case YamlError.reader(let problem, _, _, _): problem
    default: "\(error)"
    }
  }
}
