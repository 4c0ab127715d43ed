import Datasets
import Defences
import Files

/// The command that makes a record again.
package struct ReproductionCommand {
  private let record: RunRecord

  package init(_ record: RunRecord) { self.record = record }

  /// One shell command over several lines.
  package var text: String {
    text("espalier run", choice: "--order \(record.order.rawValue) --seed \(record.seed)\(defence)")
  }

  /// Options of a defence that is not plain pruning, with the space before them.
  private var defence: String {
    guard !record.isPlainPruning else { return "" }
    let options = record.defenceOptions.map { " --defence-options \(DefenceValues(values: $0).text)" } ?? ""
    return " --defence \(record.defenceName)\(options)"
  }

  /// The same for another command, with options of its own in place of order and seed.
  /// - Parameter namesLayer: whether the layer is an option; not where each defence chooses its own.
  package func text(_ command: String, choice: String, namesLayer: Bool = true) -> String {
    var options = record.training?.recipe.options ?? given
    options.append(namesLayer ? "\(Self.option("--layer", record.layer)) \(choice)" : choice)
    options.append("--drops \(record.repaired.map { "\($0.drop)" }.joined(separator: ","))")
    if let sample = record.validationSample { options.append("--validation-sample \(sample.rows)") }
    if record.excludesTarget { options.append("--exclude-target") }
    return "\(command) " + options.joined(separator: " \\\n  ")
  }

  private var given: [String] {
    var options = [
      "\(Self.option("--model", record.model.path)) --input-scale \(ScaleText.of(record.model.inputScale))"
    ]
    func list(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
    if let mean = record.model.mean { options[0] += " " + Self.option("--mean", list(mean)) }
    if let std = record.model.std { options[0] += " " + Self.option("--std", list(std)) }
    for split in Split.allCases where record.attack == nil || !split.isBackdoored {
      if let source = record.data[split] { options.append(Self.option(split.option, source.path)) }
    }
    options += Self.options(of: record.reading)
    if let attack = record.attack {
      options.append(
        (attack.triggers.map { Self.option("--trigger", $0) } + attack.targets.map { "--target \($0)" })
          .joined(separator: " "))
    }
    return options
  }

  /// What a user said of the images' files.
  static func options(of reading: ImageReading?) -> [String] {
    [
      reading?.layout.map { "--layout \($0.rawValue)" }, reading?.imagesKey.map { option("--images-key", $0) },
      reading?.labelsKey.map { option("--labels-key", $0) },
      reading?.classes.map { option("--classes", $0.joined(separator: ",")) },
    ].compactMap(\.self)
  }

  /// An option and its value; one that begins with a dash would be taken for another option, but behind `=`.
  package static func option(_ name: String, _ value: String) -> String {
    "\(name)\(value.hasPrefix("-") ? "=" : " ")\(quoted(value))"
  }

  /// A folder or file as an argument that is no option.
  package static func argument(_ path: String) -> String { quoted(path.hasPrefix("-") ? "./\(path)" : path) }

  /// A word as a shell reads it back.
  package static func quoted(_ word: String) -> String {
    guard VisibleText.line(word) == word else { return printed(word) }
    let isPlain =
      !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:@%".contains($0)) }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }

  /// A word with control characters, all ASCII that a terminal may show: as `printf` of any POSIX shell makes it.
  private static func printed(_ word: String) -> String {
    // `$(…)` takes line breaks off the end.
    let breaks = word.unicodeScalars.reversed().prefix { $0 == "\n" }.count
    let octal = PathText.bytes(word).dropLast(breaks).map { byte -> String in
      switch byte {
      case UInt8(ascii: "\\"): return "\\\\"
      case UInt8(ascii: "%"): return "%%"
      case 0x20..<0x7F where byte != UInt8(ascii: "'"): return String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return "\"$(printf '\(octal.joined())')\(String(repeating: "\n", count: breaks))\""
  }
}
