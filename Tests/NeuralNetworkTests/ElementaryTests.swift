import Foundation
import NeuralNetwork
import Testing

/// Against Fixtures/elementary.json, which Fixtures/make_elementary.py writes with 50 digits.
@Suite struct ElementaryTests {
  private static let values: [String: [[Double]]] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/elementary.json")
    return (try? JSONDecoder().decode([String: [[Double]]].self, from: Data(contentsOf: file))) ?? [:]
  }()

  private static let functions: [(name: String, bound: Double, function: @Sendable (Double) -> Double)] = [
    ("exp", 1, { Elementary.exp($0) }), ("log", 1, { Elementary.log($0) }), ("sin", 1, { Elementary.sin($0) }),
    ("cos", 1, { Elementary.cos($0) }), ("tanh", 3, { Elementary.tanh($0) }), ("erf", 16, { Elementary.erf($0) }),
  ]

  @Test(arguments: functions.indices) func staysWithinItsBound(_ index: Int) throws {
    let (name, bound, function) = Self.functions[index]
    let rows = try #require(Self.values[name])
    #expect(rows.count > 80)
    for row in rows {
      let error = abs((function(row[0]) - row[1]) - row[2]) / row[1].ulp
      #expect(error <= bound, "\(name)(\(row[0])): \(error) ulp")
    }
  }

  @Test func endsAreExact() {
    let infinity = Double.infinity
    #expect(Elementary.exp(-infinity) == 0 && Elementary.exp(infinity) == infinity && Elementary.exp(0.0) == 1)
    #expect(Elementary.exp(710.0) == infinity && Elementary.exp(-746.0) == 0)
    #expect(Elementary.log(0) == -infinity && Elementary.log(infinity) == infinity && Elementary.log(1) == 0)
    #expect(Elementary.log(-1).isNaN && Elementary.sin(infinity).isNaN && Elementary.cos(-infinity).isNaN)
    #expect(Elementary.tanh(-infinity) == -1 && Elementary.tanh(30.0) == 1 && Elementary.tanh(0.0) == 0)
    #expect(Elementary.erf(infinity) == 1 && Elementary.erf(-7.0) == -1 && Elementary.erf(0.0) == 0)
    for function in Self.functions { #expect(function.function(.nan).isNaN) }
  }

  /// Random numbers, halves of ln 2, whose multiples are where the power of two changes, and the ends.
  @Test func fourAtOnceAreTheSameBits() {
    var generator = SeededGenerator(seed: 2)
    var numbers = (0..<20_000).map { _ in generator.normal() * 100 }
    numbers += (-2200..<2100).map { Double($0) * 0.34657359027997264 }
    numbers += [0, -0.0, 1e-300, -745.2, -745.1, -746, 709.78, 709.79, 710, .infinity, -.infinity, .nan]
    for first in stride(from: 0, to: numbers.count, by: 4) {
      let four = Elementary.exp(SIMD4(numbers[first], numbers[first + 1], numbers[first + 2], numbers[first + 3]))
      for place in 0..<4 {
        #expect(
          four[place].bitPattern == Elementary.exp(numbers[first + place]).bitPattern, "\(numbers[first + place])")
      }
    }
  }

  /// Bits that any processor and any C library must give: a change of the formulas changes networks, and has to be meant.
  @Test func bitsAreThese() {
    let bits = (1...8).flatMap { step -> [UInt64] in
      let x = Double(step) * 0.7390851332151607
      return Self.functions.map { $0.function(x).bitPattern }
    }
    let digest = bits.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ $1) &* 0x100_0000_01b3 }
    #expect(digest == 3_676_874_003_227_545_114)
  }
}
