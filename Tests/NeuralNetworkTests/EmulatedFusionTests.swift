import KernelsBaseline
import NeuralNetwork
import Testing

/// The multiply-add of processors that have none, against `Float.addingProduct`, which is IEEE 754's.
@Suite struct EmulatedFusionTests {
  private func expectEqual(_ sum: SIMD4<Float>, _ a: SIMD4<Float>, _ b: SIMD4<Float>) {
    let found = withUnsafeBytes(of: (sum, a, b)) { bytes in
      let numbers = bytes.bindMemory(to: Float.self).baseAddress!
      var result = SIMD4<Float>()
      withUnsafeMutableBytes(of: &result) {
        emulatedMultiplyAdd(numbers, numbers + 4, numbers + 8, $0.bindMemory(to: Float.self).baseAddress!)
      }
      return result
    }
    for lane in 0..<4 {
      let expected = sum[lane].addingProduct(a[lane], b[lane])
      let isSame = found[lane].bitPattern == expected.bitPattern || found[lane].isNaN && expected.isNaN
      if !isSame { Issue.record("\(sum[lane]) + \(a[lane]) x \(b[lane]) is \(found[lane]); expected \(expected)") }
    }
  }

  /// A third of the million cases are any bits at all; a third are near each other, so that sums cancel, end in ties or are
  /// subnormal; the exact sums of the last third miss a tie by so little that rounding them to the nearest double first would make
  /// it one.
  @Test func equalsTheFusedOperationOnAMillionCases() {
    var random = SeededGenerator(seed: 1)
    func anything() -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
    func four(_ number: () -> Float) -> SIMD4<Float> { SIMD4(number(), number(), number(), number()) }
    for _ in 0..<84_000 { expectEqual(four(anything), four(anything), four(anything)) }
    for _ in 0..<84_000 { nearTie(&random) }
    for _ in 0..<84_000 {
      let scale = Int(random.next() % 150)
      func number(_ exponent: Int) -> Float {
        // Few bits make ties likely.
        let significand = UInt32(random.next() & 0x7F_FFFF) & (random.next() & 1 == 0 ? 0x7F_FFFF : 0x7F_F000)
        let sign = UInt32(random.next() & 1) << 31
        return Float(bitPattern: sign | UInt32(max(0, min(254, exponent))) << 23 | significand)
      }
      let (a, b) = (four { number(127 - scale / 2) }, four { number(127 - scale + scale / 2) })
      let product = a * b
      let near = four { number(127 - scale + Int(random.next() % 60) - 30) }
      let cancels = random.next() & 1 == 0
      expectEqual(cancels ? -product : near, a, b)
    }
  }

  /// Either the product is half a unit of the sum's last place but for 2⁻⁴⁶ of it, or the product is a tie itself and the
  /// other number next to nothing.
  private func nearTie(_ random: inout SeededGenerator) {
    let (sum, a, b) = (0..<4).reduce(into: (SIMD4<Float>(), SIMD4<Float>(), SIMD4<Float>())) { numbers, lane in
      let sign: Float = random.next() & 1 == 0 ? 1 : -1
      let small = Float(1 + random.integer(below: 8)) * 0x1p-23
      if random.next() & 1 == 0 {
        let exponent = random.integer(below: 200) - 100
        let significand = 1 + Float(random.integer(below: 1 << 23)) * 0x1p-23
        numbers.0[lane] = Float(sign: .plus, exponent: exponent, significand: significand)
        numbers.1[lane] = sign * (1 + small)
        numbers.2[lane] = Float(sign: .plus, exponent: exponent - 24, significand: 1 - small)
      } else {
        // 13 and 12 bits, odd both: a product of 25 bits, or of 24, which is none.
        numbers.1[lane] = Float(random.integer(below: 1 << 12) * 2 + 1 | 1 << 12)
        numbers.2[lane] = Float(random.integer(below: 1 << 11) * 2 + 1 | 1 << 11)
        numbers.0[lane] = sign * Float(sign: .plus, exponent: -40 - random.integer(below: 60), significand: 1 + small)
      }
    }
    expectEqual(sum, a, b)
  }

  @Test func equalsItAtTheEdges() {
    let tiny = Float.leastNonzeroMagnitude
    let edges: [Float] = [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, tiny, -tiny,
      .leastNormalMagnitude, Float(1).nextUp, Float(1).nextDown, 0x1p-75, 0x1.000002p-75, 0x1p64, -0x1p64, 0.5, 0x1p-24,
    ]
    for sum in edges {
      for a in edges { for b in edges { expectEqual(SIMD4(repeating: sum), SIMD4(repeating: a), SIMD4(repeating: b)) } }
    }
  }
}
