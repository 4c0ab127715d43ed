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

  /// Half of the million cases are any bits at all; the others are near each other, so that sums cancel, end in ties or
  /// are subnormal.
  @Test func equalsTheFusedOperationOnAMillionCases() {
    var random = SeededGenerator(seed: 1)
    func anything() -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
    func four(_ number: () -> Float) -> SIMD4<Float> { SIMD4(number(), number(), number(), number()) }
    for _ in 0..<125_000 { expectEqual(four(anything), four(anything), four(anything)) }
    for _ in 0..<125_000 {
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
