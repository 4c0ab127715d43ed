import Backdoor
import Foundation
import Yams

/// `--config experiment.yaml`: the same options by the same names. They are put before those of the command line, so
/// that the latter win.
enum ConfigurationFile {
  private static let maximumBytes = 1 << 16

  /// The arguments with the file's options spelled out behind the subcommand's name.
  static func expand(_ arguments: [String]) throws -> [String] {
    guard let path = path(in: arguments), let command = arguments.first, !command.hasPrefix("-") else {
      return arguments
    }
    return try [command] + options(of: path) + arguments.dropFirst()
  }

  private static func path(in arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return nil }
      if argument == "--config", index + 1 < arguments.count { return arguments[index + 1] }
      if argument.hasPrefix("--config=") { return String(argument.dropFirst("--config=".count)) }
    }
    return nil
  }

  private static func options(of path: String) throws -> [String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(path, found: "no such file", expected: "a YAML file of options")
    }
    guard data.count <= maximumBytes, let text = String(data: data, encoding: .utf8) else {
      throw InputError(path, found: "\(data.count) bytes", expected: "at most \(maximumBytes) bytes of UTF-8")
    }
    let document: Node?
    do {
      document = try Yams.compose(yaml: text)
    } catch {
      throw InputError(
        path, found: "text that is not YAML (\(error))", expected: "a line `name: value` for each option")
    }
    guard let document else { return [] }
    guard let mapping = document.mapping else {
      throw InputError(path, found: "no mapping at the top", expected: "a line `name: value` for each option")
    }
    return try mapping.flatMap { key, value in
      guard let name = key.string else {
        throw InputError(path, found: "a key that is no word", expected: "an option's name")
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
      switch value.bool {
      case true?: return ["--\(name)"]
      case false?: return []
      case nil: return ["--\(name)=\(scalar.string)"]
      }
    case .sequence(let items):
      let words = items.compactMap(\.scalar?.string)
      guard words.count == items.count else { break }
      return ["--\(name)=\(words.joined(separator: ","))"]
    default: break
    }
    throw InputError("\(path): \(name)", found: "a nested value", expected: "a value, or a list of values")
  }
}
