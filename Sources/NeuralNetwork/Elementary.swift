/// Elementary functions that are the same bits on every processor and with every C library: additions, multiplications and
/// divisions of IEEE 754 in a fixed order, none of them fused.
///
/// Bounds are in units in the last place (ulp) of the result in double precision; tests hold each function to its own, against values of
/// 50 digits. Rounded to single precision, each is within 0.5001 ulp there. Methods: Cody & Waite, "Software manual for the
/// elementary functions", 1980.
public enum Elementary {
  /// eˣ within 1 ulp, also where the result is subnormal; 0 below -745.2, infinity above 709.79.
  public static func exp(_ x: Double) -> Double {
    guard x > -745.2 else { return x.isNaN ? x : 0 }
    guard x < 709.79 else { return x.isNaN ? x : .infinity }
    let k = (x * 1.4426950408889634).rounded()
    // Two parts, so that what is lost of the first is in the second.
    let (high, low) = (x - k * ln2High, k * ln2Low)
    let r = high - low
    let sum = 1 + (high - (low - r * r * exponentialRest(r)))
    let half = (Int(k) / 2, Int(k) - Int(k) / 2)
    return sum * Double(sign: .plus, exponent: half.0, significand: 1)
      * Double(sign: .plus, exponent: half.1, significand: 1)
  }

  /// The same for four numbers at once: the same operations in the same order, and so the same bits.
  package static func exp(_ x: SIMD4<Double>) -> SIMD4<Double> {
    guard all((x .> -745.2) .& (x .< 709.79)) else {
      return SIMD4(exp(x.x), exp(x.y), exp(x.z), exp(x.w))
    }
    let k = rounded(x * 1.4426950408889634)
    let (high, low) = (x - k * ln2High, k * ln2Low)
    let r = high - low
    var rest = SIMD4(repeating: 1 / lastFactorial)
    for reciprocal in reciprocals { rest = rest * r + reciprocal }
    let sum = 1 + (high - (low - r * r * rest))
    let whole = unsafeBitCast(k + wholeNumbers, to: SIMD4<Int64>.self) &- Int64(bitPattern: wholeNumbers.bitPattern)
    let half = (whole &+ (whole &>> 63 & 1)) &>> 1
    return sum * power(half) * power(whole &- half)
  }

  /// A double whose neighbours are 1 apart: sums with it are rounded to whole numbers, ties to even ones.
  private static let wholeNumbers = 6_755_399_441_055_744.0

  /// As `Double.rounded`, for what is far below `wholeNumbers`: ties away from 0.
  private static func rounded(_ x: SIMD4<Double>) -> SIMD4<Double> {
    let even = x + wholeNumbers - wholeNumbers
    let rest = x - even
    return even.replacing(with: even + 1, where: (rest .== 0.5) .& (x .> 0))
      .replacing(with: even - 1, where: (rest .== -0.5) .& (x .< 0))
  }

  /// Two to the power of whole numbers between -1022 and 1023.
  private static func power(_ exponents: SIMD4<Int64>) -> SIMD4<Double> {
    unsafeBitCast((exponents &+ 1023) &<< 52, to: SIMD4<Double>.self)
  }

  /// eˣ - 1 for |x| <= ln 2 / 2, within 1 ulp.
  private static func smallExponentialLess1(_ x: Double) -> Double { x + x * x * exponentialRest(x) }

  /// (eˣ - 1 - x) / x² for |x| <= ln 2 / 2: its Taylor series up to x¹².
  private static func exponentialRest(_ x: Double) -> Double {
    var sum = 1 / lastFactorial
    for reciprocal in reciprocals { sum = sum * x + reciprocal }
    return sum
  }

  private static let lastFactorial = 87_178_291_200.0
  /// Of the factorials before it, down to that of 2.
  private static let reciprocals = [
    6_227_020_800.0, 479_001_600, 39_916_800, 3_628_800, 362_880, 40_320, 5040, 720, 120, 24, 6, 2,
  ].map { 1 / $0 }

  /// The natural logarithm within 1 ulp; -infinity of 0, not a number of what is negative.
  public static func log(_ x: Double) -> Double {
    guard x > 0, x.isFinite else { return x == 0 ? -.infinity : x > 0 ? x : .nan }
    var (exponent, significand) = (Double(x.exponent), x.significand)
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    // log(1 + f) = f - f²/2 + s (f²/2 + r) with s = f / (2 + f), and r = 2 (s²/3 + s⁴/5 + …).
    let f = significand - 1
    let s = f / (2 + f)
    let z = s * s
    var rest = 0.0
    for denominator in [23.0, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3] { rest = (rest + 2 / denominator) * z }
    let half = 0.5 * f * f
    return exponent * ln2High - ((half - (s * (half + rest) + exponent * ln2Low)) - f)
  }

  /// sin x, x in radians, within 1 ulp for |x| <= 2²⁰; beyond, of x less the nearest multiple of the double nearest to 2 pi.
  public static func sin(_ x: Double) -> Double {
    let (quarter, r) = reduced(x)
    let value = quarter & 1 == 0 ? smallSine(r) : smallCosine(r)
    return quarter & 2 == 0 ? value : -value
  }

  /// cos x, as `sin`.
  public static func cos(_ x: Double) -> Double {
    let (quarter, r) = reduced(x)
    let value = quarter & 1 == 0 ? smallCosine(r) : smallSine(r)
    return (quarter + 1) & 2 == 0 ? value : -value
  }

  /// The hyperbolic tangent within 3 ulp.
  public static func tanh(_ x: Double) -> Double {
    guard abs(x) < 22 else { return x.isNaN ? x : x < 0 ? -1 : 1 }
    let double = 2 * x
    let less1 = abs(double) <= 0.34 ? smallExponentialLess1(double) : exp(double) - 1
    return less1 / (less1 + 2)
  }

  /// The error function within 16 ulp. Source: Abramowitz & Stegun, "Handbook of mathematical functions", 7.1.6; of whose
  /// terms none is negative.
  public static func erf(_ x: Double) -> Double {
    guard abs(x) < 6 else { return x.isNaN ? x : x < 0 ? -1 : 1 }
    let square = x * x
    var (term, sum) = (x, x)
    var n = 1.0
    while abs(term) > 1e-18 * abs(sum) {
      term *= 2 * square / (2 * n + 1)
      sum += term
      n += 1
    }
    return 1.1283791670955126 * exp(-square) * sum
  }

  /// eˣ of a float, rounded to a float.
  public static func exp(_ x: Float) -> Float { Float(exp(Double(x))) }
  /// The hyperbolic tangent of a float, rounded to a float.
  public static func tanh(_ x: Float) -> Float { Float(tanh(Double(x))) }
  /// The error function of a float, rounded to a float.
  public static func erf(_ x: Float) -> Float { Float(erf(Double(x))) }

  // The first parts have so few bits that their product with a whole number below 2²⁰ is exact.
  private static let ln2High = 6.93147180369123816490e-01, ln2Low = 1.90821492927058770002e-10
  private static let halfPi = (1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624879595063154e-21)

  /// The number of quarter turns nearest to x, and what is left of x.
  private static func reduced(_ x: Double) -> (quarter: Int, r: Double) {
    guard x.isFinite else { return (0, .nan) }
    let x = abs(x) <= 1_048_576 ? x : x.remainder(dividingBy: 2 * .pi)
    let k = (x * 0.6366197723675814).rounded()
    return (Int(k), ((x - k * halfPi.0) - k * halfPi.1) - k * halfPi.2)
  }

  /// For |x| <= pi / 4: the Taylor series up to x¹⁷.
  private static func smallSine(_ x: Double) -> Double {
    let z = x * x
    var sum = 1.0 / 355_687_428_096_000
    for factorial in [-1_307_674_368_000.0, 6_227_020_800, -39_916_800, 362_880, -5040, 120, -6] {
      sum = sum * z + 1 / factorial
    }
    return x + x * z * sum
  }

  /// For |x| <= pi / 4: the Taylor series up to x¹⁸.
  private static func smallCosine(_ x: Double) -> Double {
    let z = x * x
    var sum = -1.0 / 6_402_373_705_728_000
    for factorial in [20_922_789_888_000.0, -87_178_291_200, 479_001_600, -3_628_800, 40_320, -720, 24] {
      sum = sum * z + 1 / factorial
    }
    let half = 0.5 * z
    let first = 1 - half
    // What 1 - z/2 lost comes back.
    return first + (((1 - first) - half) + z * z * sum)
  }
}
