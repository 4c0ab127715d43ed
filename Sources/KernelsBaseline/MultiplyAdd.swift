/// sum + a b, rounded once, as the processors do it that have an instruction for it.
@inline(__always)
func multiplyAdd(_ sum: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes {
  #if arch(x86_64)
    fusedInDouble(sum, a, b)
  #else
    sum.addingProduct(a, b)
  #endif
}

/// sum + a b in single precision, rounded once, without an instruction for it.
///
/// The product of two floats is exact in double precision. Rounding the sum to double precision and then to single differs from
/// rounding once only where the double is halfway between two floats: a float has 29 bits less, and rounding keeps the order of
/// the exact sum and that halfway number. Such sums, and those below the normal floats, whose halves lie elsewhere, take
/// `fusedBySteps`.
@inline(__always)
func fusedInDouble(_ sum: SIMD4<Float>, _ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
  let rounded = SIMD4<Double>(a) * SIMD4<Double>(b) + SIMD4<Double>(sum)
  let result = SIMD4<Float>(rounded)
  // Comparisons by the signs of differences: those of masks are computed lane by lane. What is halfway, less 1, is below 0.
  let low = SIMD4<Int32>(truncatingIfNeeded: unsafeBitCast(rounded, to: SIMD4<Int64>.self))
  let halfway = ((low & SIMD4(repeating: 0x1FFF_FFFF)) ^ SIMD4(repeating: 0x1000_0000)) &- SIMD4(repeating: 1)
  // Up to 2^-126, and not 0: a sum that small has no bits to lose.
  let size = unsafeBitCast(result, to: SIMD4<Int32>.self) & SIMD4(repeating: 0x7FFF_FFFF)
  let small = (size &- SIMD4(repeating: 0x0080_0001)) & (SIMD4() &- size)
  let doubtful = unsafeBitCast(halfway | small, to: SIMD2<UInt64>.self)
  if _slowPath((doubtful[0] | doubtful[1]) & 0x8000_0000_8000_0000 != 0) { return fusedOneByOne(sum, a, b) }
  return result
}

/// Not inlined, so that loops stay short.
@inline(never)
private func fusedOneByOne(_ sum: SIMD4<Float>, _ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
  fusedBySteps(sum, a, b)
}

/// The same for every case. The product's sum with the third number is rounded to odd: cut off, and the last
/// bit set where anything was lost. Rounding that to single precision gives the same as rounding the exact sum, because double
/// precision has more than two bits to spare. Source: Boldo & Melquiond, "Emulation of a FMA and correctly rounded sums: proved
/// algorithms using rounding to odd", IEEE Transactions on Computers 57, 2008.
@inline(__always)
func fusedBySteps(_ sum: SIMD4<Float>, _ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
  let product = SIMD4<Double>(a) * SIMD4<Double>(b)
  let addend = SIMD4<Double>(sum)
  let rounded = product + addend
  // What rounding lost: Knuth's sum in two parts.
  let part = rounded - product
  let lost = (product - (rounded - part)) + (addend - part)
  let bits = unsafeBitCast(rounded, to: SIMD4<Int64>.self)
  let zero = SIMD4<Double>()
  let (isBelow, isAbove) = (lost .< zero, lost .> zero)
  // Towards 0 where the loss has the other sign, away from it where it has the same; an odd number stays.
  let sign = SIMD4<Int64>().replacing(with: SIMD4<Int64>(repeating: -1), where: isBelow .^ (rounded .< zero))
  let step = ((SIMD4<Int64>(repeating: 1) & ~bits) ^ sign) &- sign
  // Where the sum is not finite the loss is no number, neither above nor below 0, and nothing is changed.
  let odd = bits &+ SIMD4<Int64>().replacing(with: step, where: isBelow .| isAbove)
  return SIMD4<Float>(unsafeBitCast(odd, to: SIMD4<Double>.self))
}

/// The same for four numbers each, for tests on processors that have the instruction.
public func emulatedMultiplyAdd(
  _ sum: UnsafePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ result: UnsafeMutablePointer<Float>
) {
  @inline(__always) func four(_ numbers: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(numbers).loadUnaligned(as: SIMD4<Float>.self)
  }
  UnsafeMutableRawPointer(result).storeBytes(of: fusedInDouble(four(sum), four(a), four(b)), as: SIMD4<Float>.self)
}
