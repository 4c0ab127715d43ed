@inline(__always)
func vectors(_ numbers: UnsafePointer<Float>) -> UnsafePointer<Lanes> {
  UnsafeRawPointer(numbers).assumingMemoryBound(to: Lanes.self)
}

@inline(__always)
func vectors(_ numbers: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Lanes> {
  UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Lanes.self)
}

// `pointwiseMax` would be computed lane by lane.
@inline(__always)
func larger(_ a: Lanes, _ b: Lanes) -> Lanes { a.replacing(with: b, where: b .> a) }

@inline(__always)
func positive(_ a: Lanes) -> Lanes { a.replacing(with: Lanes(), where: .!(a .> Lanes())) }
