import Experiment

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers as text. Percent is made here and nowhere else.
package enum Format {
  /// `98.65 %`: rounded half up from whole counts; `n/a` for a split that was not given, or of which no row counts.
  package static func percent(_ rate: Rate?) -> String {
    guard let rate, rate.total > 0 else { return "n/a" }
    let hundredths = (20_000 * rate.hits + rate.total) / (2 * rate.total)
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
  }

  /// `98.65 % [97.1, 99.4]`, with the exact 95 % interval in percent.
  package static func percentWithInterval(_ rate: Rate?) -> String {
    guard let rate, let interval = Intervals.exact(rate) else { return "n/a" }
    return "\(percent(rate)) [\(fixed(100 * interval.lowerBound, 1)), \(fixed(100 * interval.upperBound, 1))]"
  }

  /// `11391/11547`.
  package static func counts(_ rate: Rate?) -> String { rate.map { "\($0.hits)/\($0.total)" } ?? "n/a" }

  /// A difference of rates in percentage points, without a sign: `2.89 points`.
  package static func points(from first: Rate, to second: Rate) -> String {
    guard let first = first.percent, let second = second.percent else { return "n/a" }
    return "\(fixed(abs(first - second), 2)) points"
  }

  /// A number with a fixed count of decimals.
  package static func fixed(_ value: Double, _ decimals: Int) -> String { printf("%.\(decimals)f", value) }

  /// A number with six significant digits, as C's `%.6g` prints it.
  package static func general(_ value: Double) -> String { printf("%.6g", value) }

  /// `601,643`.
  package static func grouped(_ number: Int) -> String {
    let digits = Array("\(number.magnitude)")
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `1 channel`, `2 channels`.
  package static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// `2`, `2 and 4`, `2, 4 and 10`.
  package static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  private static func printf(_ format: String, _ value: Double) -> String {
    withVaList([value]) { arguments in
      var buffer = [CChar](repeating: 0, count: 64)
      vsnprintf(&buffer, buffer.count, format, arguments)
      return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
