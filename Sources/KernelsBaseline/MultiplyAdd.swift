/// sum + a b, rounded twice: a fused product would be a function call for each lane.
@inline(__always)
func multiplyAdd(_ sum: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes { sum + a * b }
