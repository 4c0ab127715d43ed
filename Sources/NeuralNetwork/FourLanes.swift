/// Loops over long runs of numbers, four at a time: what every processor has registers for. Where a loop chooses between
/// values, the compiler left to itself makes branches that a processor cannot predict.
@inline(__always)
func forEachFour(of count: Int, _ body: (_ index: Int) -> Void, rest: (_ index: Int) -> Void) {
  var index = 0
  while index &+ 4 <= count {
    body(index)
    index &+= 4
  }
  while index < count {
    rest(index)
    index &+= 1
  }
}

extension UnsafeBufferPointer<Float> {
  @inline(__always)
  func four(at index: Int) -> SIMD4<Float> {
    UnsafeRawPointer(baseAddress! + index).loadUnaligned(as: SIMD4<Float>.self)
  }
}

extension UnsafeMutableBufferPointer<Float> {
  @inline(__always)
  func four(at index: Int) -> SIMD4<Float> {
    UnsafeRawPointer(baseAddress! + index).loadUnaligned(as: SIMD4<Float>.self)
  }

  @inline(__always)
  func store(_ four: SIMD4<Float>, at index: Int) {
    UnsafeMutableRawPointer(baseAddress! + index).storeBytes(of: four, as: SIMD4<Float>.self)
  }
}

/// sum += other, number by number.
/// - Precondition: both are equally long.
func add(_ other: [Float], to sum: inout [Float]) {
  precondition(other.count == sum.count, "sums are of equal lengths")
  other.withUnsafeBufferPointer { other in
    sum.withUnsafeMutableBufferPointer { sum in
      forEachFour(of: sum.count) { index in
        sum.store(sum.four(at: index) + other.four(at: index), at: index)
      } rest: { index in
        sum[index] += other[index]
      }
    }
  }
}
