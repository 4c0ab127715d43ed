extension UnsafeMutableBufferPointer<Float> {
  /// Replaces every x by e to the power of x - largest.
  /// - Returns: their sum, in their order.
  func exponentiate(less largest: Float) -> Float {
    forEachFour(of: count) { index in
      store(SIMD4<Float>(Elementary.exp(SIMD4<Double>(four(at: index) - largest))), at: index)
    } rest: { index in
      self[index] = Elementary.exp(self[index] - largest)
    }
    return reduce(0, +)
  }

  func divide(by divisor: Float) {
    forEachFour(of: count) { index in
      store(four(at: index) / divisor, at: index)
    } rest: { index in
      self[index] /= divisor
    }
  }
}
