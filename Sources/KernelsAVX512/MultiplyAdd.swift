/// sum + a b, rounded once.
@inline(__always)
func multiplyAdd(_ sum: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes { sum.addingProduct(a, b) }
