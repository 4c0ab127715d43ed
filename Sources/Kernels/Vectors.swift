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
func maximum(_ a: Lanes, _ b: Lanes) -> Lanes { a.replacing(with: b, where: b .> a) }

@inline(__always)
func positive(_ a: Lanes) -> Lanes { a.replacing(with: Lanes(), where: .!(a .> Lanes())) }

// Numbers that lie where they lie: weights and sums of arrays.
@inline(__always)
func read(_ numbers: UnsafePointer<Float>) -> Lanes { UnsafeRawPointer(numbers).loadUnaligned(as: Lanes.self) }

@inline(__always)
func read(_ numbers: UnsafeMutablePointer<Float>) -> Lanes { read(UnsafePointer(numbers)) }

@inline(__always)
func writeLanes(_ lanes: Lanes, to numbers: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(numbers).storeBytes(of: lanes, as: Lanes.self)
}
