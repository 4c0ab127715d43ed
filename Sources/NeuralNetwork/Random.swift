/// The one source of randomness: xoshiro256** seeded by SplitMix64, so that a seed means the same bytes everywhere.
///
/// The standard library's `shuffled` and `random(in:)` are not used with it, because their algorithms may change between
/// versions of Swift. Source: Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// - Parameters:
  ///   - seed: any number; the same seed gives the same sequence.
  ///   - stream: what the numbers are for (for example `[identity, index]`); different streams of one seed are independent.
  public init(seed: UInt64, stream: [UInt64] = []) {
    var mix = SplitMix64(state: seed)
    for part in stream { mix = SplitMix64(state: mix.next() ^ (part &* 0xD1B5_4A32_D192_ED03)) }
    state = (mix.next(), mix.next(), mix.next(), mix.next())
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    let result = rotate(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotate(state.3, by: 45)
    return result
  }

  /// A number in 0..<1 with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in `range`, its upper end excluded (up to rounding).
  public mutating func uniform(in range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer in 0..<bound, without bias. Source: Lemire, "Fast random integer generation in an interval", 2019.
  /// - Precondition: `bound` is positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "a random integer needs a positive bound")
    let width = UInt64(bound)
    var product = next().multipliedFullWidth(by: width)
    if product.low < width {
      let threshold = (0 &- width) % width
      while product.low < threshold { product = next().multipliedFullWidth(by: width) }
    }
    return Int(product.high)
  }

  /// A standard normal number, by Box & Muller's transform (the second of the pair is thrown away: no hidden state).
  public mutating func normal() -> Double {
    let radius = (-2 * Elementary.log(1 - uniform())).squareRoot()
    return radius * Elementary.cos(2 * Double.pi * uniform())
  }

  /// Shuffles in place: Fisher & Yates, from the last element down.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, integer(below: last + 1))
    }
  }

  /// `count` different integers of 0..<bound, in increasing order.
  /// - Precondition: `count` is at most `bound`.
  public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    precondition(count <= bound, "a sample is at most the whole")
    var indices = Array(0..<bound)
    shuffle(&indices)
    return indices.prefix(count).sorted()
  }
}

private func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 { (value << bits) | (value >> (64 - bits)) }

/// Source: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
