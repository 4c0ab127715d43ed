import Files
import Plotting
import Report
import Yams

/// A style of figures: a YAML file with a line `name: value` for each choice.
struct StyleFile {
  /// The usual style with the file's choices.
  private(set) var style = FigureStyle()

  private static let maximumBytes = 1 << 16

  /// What each name sets.
  private static let keys: [String: @Sendable (inout FigureStyle, Value) throws -> Void] = [
    "width": { $0.width = try $1.length() }, "height": { $0.height = try $1.length() },
    "font-size": { $0.fontSize = try $1.number(in: Length.letters) },
    "line-width": { $0.lineWidth = try $1.number(in: 0.1...10) },
    "clean-color": { $0.cleanColor = try $1.color() }, "clean-dash": { $0.cleanDash = try $1.dash() },
    "attack-color": { $0.attackColor = try $1.color() }, "attack-dash": { $0.attackDash = try $1.dash() },
    "intervals": { $0.showsIntervals = try $1.flag() },
    "band-opacity": { $0.bandOpacity = try $1.number(in: 0...1) },
    "title": { $0.showsTitle = try $1.flag() }, "footnotes": { $0.showsFootnotes = try $1.flag() },
  ]

  /// Reads a style.
  /// - Throws: `InputError` for what is no style; an unknown name is refused with the nearest known one.
  init(_ path: String) throws {
    let expected = "a line `name: value` for each choice"
    guard let text = String(validating: try FileBytes.read(path, limit: Self.maximumBytes), as: UTF8.self) else {
      throw InputError(path, found: "bytes that are not UTF-8", expected: expected)
    }
    guard !text.contains("*") else { throw InputError(path, found: "an alias", expected: expected) }
    let document: Node?
    do {
      document = try Yams.compose(yaml: text)
    } catch YamlError.duplicatedKeysInMapping(let names, _) {
      throw InputError(path, found: "\(names.joined(separator: ", ")) twice", expected: "each name once")
    } catch {
      throw InputError(path, found: "text that is not YAML", expected: expected)
    }
    guard let document else { return }
    guard let mapping = document.mapping else { throw InputError(path, found: "no names", expected: expected) }
    for (key, node) in mapping {
      let name = key.scalar?.string ?? ""
      guard let set = Self.keys[name] else {
        throw InputError(
          path, found: "no such choice as \(name)",
          expected: "\(Self.nearest(to: name)), or another of "
            + Self.keys.keys.sorted().joined(separator: ", "))
      }
      try set(&style, Value(place: "\(path): \(name)", node: node))
    }
  }

  /// The known name with the fewest letters to change.
  static func nearest(to name: String) -> String {
    Self.keys.keys.sorted().min { distance($0, name) < distance($1, name) } ?? ""
  }

  /// How many letters have to be put in, taken out or changed (Levenshtein, 1966).
  private static func distance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second.prefix(64)))
    var row = Array(0...second.count)
    for (line, letter) in first.enumerated() {
      var corner = row[0]
      row[0] = line + 1
      for column in second.indices {
        let change = corner + (letter == second[column] ? 0 : 1)
        corner = row[column + 1]
        row[column + 1] = min(change, row[column] + 1, corner + 1)
      }
    }
    return row[second.count]
  }
}

extension StyleFile {
  /// What stands behind a name.
  struct Value {
    let place: String
    let node: Node

    private var text: String { node.scalar?.string ?? "a list" }

    private func wrong(_ expected: String) -> InputError { InputError(place, found: text, expected: expected) }

    func number(in range: ClosedRange<Double>) throws -> Double {
      guard let number = node.scalar.flatMap({ Double($0.string) }), range.contains(number) else {
        throw wrong("a number from \(MarkupText.number(range.lowerBound)) to \(MarkupText.number(range.upperBound))")
      }
      return number
    }

    func length() throws -> Double {
      guard let points = node.scalar.flatMap({ Length.points($0.string) }) else {
        throw wrong("20mm to 1000mm, as 84mm, 3.3in or 240pt")
      }
      return points
    }

    func flag() throws -> Bool {
      switch node.scalar?.string {
      case "true": return true
      case "false": return false
      default: throw wrong("true or false")
      }
    }

    /// `"#0072b2"`.
    func color() throws -> Color {
      guard let text = node.scalar?.string, text.wholeMatch(of: /#[0-9A-Fa-f]{6}/) != nil,
        let hex = UInt32(text.dropFirst(), radix: 16)
      else { throw wrong("a colour in quotes, as \"#0072b2\"") }
      return Color(hex: hex)
    }

    /// `solid`, or the lengths of dashes and gaps in points.
    func dash() throws -> [Double] {
      if node.scalar?.string == "solid" { return [] }
      let numbers = node.sequence?.compactMap { $0.scalar.flatMap { Double($0.string) } } ?? []
      guard !numbers.isEmpty, numbers.count == node.sequence?.count, numbers.count <= 8,
        numbers.allSatisfy({ (0.1...50).contains($0) })
      else { throw wrong("solid, or dashes and gaps in points, as [5, 2]") }
      return numbers
    }
  }
}
