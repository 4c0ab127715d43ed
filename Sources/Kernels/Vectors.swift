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

/// max(x, 0) up to a ceiling, where that is requested.
@inline(__always)
func finished(_ a: Lanes, _ rectified: Bool, _ ceiling: Float) -> Lanes {
  guard rectified else { return a }
  let (value, top) = (positive(a), Lanes(repeating: ceiling))
  return value.replacing(with: top, where: value .> top)
}

// Numbers that need not fill whole vectors.

/// Calls `body` with the start of each vector and how many of its numbers are there.
@inline(__always)
func forEachVector(of count: Int, _ body: (_ index: Int, _ width: Int) -> Void) {
  var index = 0
  while index < count {
    body(index, min(laneCount, count &- index))
    index &+= laneCount
  }
}

@inline(__always)
func part(_ numbers: UnsafePointer<Float>, _ width: Int) -> Lanes {
  if width == laneCount { return read(numbers) }
  var lanes = Lanes()
  for lane in 0..<width { lanes[lane] = numbers[lane] }
  return lanes
}

@inline(__always)
func writePart(_ lanes: Lanes, to numbers: UnsafeMutablePointer<Float>, _ width: Int) {
  if width == laneCount { return writeLanes(lanes, to: numbers) }
  for lane in 0..<width { numbers[lane] = lanes[lane] }
}

/// Calls `body` for every vector of a row of channels: its first channel, and where it lies in blocks.
@inline(__always)
func forEachVector(of channels: Int, block: Int, step: Int, _ body: (_ channel: Int, _ place: Int) -> Void) {
  var (channel, place, end) = (0, 0, block)
  while channel < channels {
    body(channel, place)
    channel &+= laneCount
    place &+= laneCount
    if channel == end {
      place &+= step &- block
      end &+= block
    }
  }
}
