import Files

/// A defence with the values of its settings.
public struct DefenceChoice: Sendable, Equatable {
  /// Which defence.
  public let defence: Defence
  /// Of its settings.
  public let values: DefenceValues

  /// A defence with its standard settings.
  public init(_ defence: Defence) {
    self.defence = defence
    values = DefenceValues(values: Dictionary(uniqueKeysWithValues: defence.settings.map { ($0.name, $0.standard) }))
  }

  /// The published study's.
  public static let pruning = DefenceChoice(.pruning)

  /// A defence as a user names it.
  /// - Parameters:
  ///   - name: one of `defences`.
  ///   - options: `u=3,rate=0.01`; what is not named has its standard value.
  /// - Throws: `InputError` that names the nearest known defence or setting.
  public init(_ name: String, options: String = "", among defences: [Defence]) throws {
    guard let defence = defences.first(where: { $0.name == name }) else {
      let names = defences.map(\.name)
      throw InputError("--defence", found: "no defence \(name)", expected: Self.nearest(name, names))
    }
    var values = DefenceChoice(defence).values
    var seen: Set<String> = []
    for part in options.split(separator: ",", omittingEmptySubsequences: false) where !options.isEmpty {
      let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      func refuse(_ found: String, _ expected: String) -> InputError {
        InputError("--defence-options", found: found, expected: expected)
      }
      let key = words[0].filter { $0 != " " }
      guard words.count == 2 else {
        throw refuse(part.isEmpty ? "an empty setting" : "\(part)", "name=value, as u=3,rate=0.01")
      }
      guard let setting = defence.settings.first(where: { $0.name == key }) else {
        let names = defence.settings.map(\.name)
        throw refuse(
          "no setting \(key) of \(name)",
          names.isEmpty ? "no settings, for \(name) has none" : Self.nearest(String(key), names))
      }
      guard seen.insert(setting.name).inserted else { throw refuse("\(key) twice", "each setting once") }
      let text = words[1].filter { $0 != " " }
      guard let value = Double(text), setting.range.contains(value), !setting.isWhole || value == value.rounded() else {
        throw refuse("\(key)=\(text)", setting.expected)
      }
      values.values[setting.name] = value
    }
    (self.defence, self.values) = (defence, values)
  }

  /// A choice as a record holds it.
  /// - Throws: `InputError` where the defence is not known, or a setting is not its own or out of range.
  public init(_ name: String, values: [String: Double], among defences: [Defence]) throws {
    let text = values.keys.sorted().map { "\($0)=\(values[$0] ?? 0)" }.joined(separator: ",")
    try self.init(name, options: text, among: defences)
  }

  /// Its parts.
  public var parts: Defence.Parts { defence.parts(values) }

  /// Equal where they do the same.
  public static func == (one: DefenceChoice, other: DefenceChoice) -> Bool {
    one.defence.name == other.defence.name && one.values == other.values
  }

  /// `clp, or one of …`: what is accepted, the nearest first.
  static func nearest(_ name: String, _ names: [String]) -> String {
    let distances = names.map { (name: $0, distance: editDistance(Array(name), Array($0))) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return "none" }
    let others = names.filter { $0 != best.name }
    return others.isEmpty ? best.name : "\(best.name), the nearest, or one of \(others.joined(separator: ", "))"
  }
}

/// How many letters have to be put in, left out or replaced. Source: Wagner & Fischer, "The string-to-string correction
/// problem", Journal of the ACM 21, 1974.
private func editDistance(_ one: [Character], _ other: [Character]) -> Int {
  var row = Array(0...other.count)
  for (index, letter) in one.prefix(100).enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for (place, candidate) in other.enumerated() {
      let replaced = diagonal + (letter == candidate ? 0 : 1)
      diagonal = row[place + 1]
      row[place + 1] = min(replaced, diagonal + 1, row[place] + 1)
    }
  }
  return row[other.count]
}
