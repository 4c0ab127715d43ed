/// One number of each of sixteen images: a register of AVX-512.
typealias Lanes = SIMD16<Float>

/// Whether there are 32 registers, not 16.
var hasManyRegisters: Bool { @inline(__always) get { true } }

/// As many output channels as are computed at once, at one of four places:
/// 20 sums, 5 factors and 1 value of the 32 registers.
struct Column {
  var a, b, c, d, e: Lanes

  static var count: Int { @inline(__always) get { 5 } }

  /// Zeros.
  @inline(__always)
  init() { (a, b, c, d, e) = (Lanes(), Lanes(), Lanes(), Lanes(), Lanes()) }

  /// Numbers that all lanes share.
  @inline(__always)
  init(sharing numbers: UnsafePointer<Float>) {
    a = Lanes(repeating: numbers[0])
    b = Lanes(repeating: numbers[1])
    c = Lanes(repeating: numbers[2])
    d = Lanes(repeating: numbers[3])
    e = Lanes(repeating: numbers[4])
  }

  @inline(__always)
  init(_ vectors: UnsafePointer<Lanes>) {
    a = vectors[0]
    b = vectors[1]
    c = vectors[2]
    d = vectors[3]
    e = vectors[4]
  }

  /// Numbers that lie where they lie.
  @inline(__always)
  init(reading numbers: UnsafePointer<Float>) {
    a = read(numbers)
    b = read(numbers + laneCount)
    c = read(numbers + 2 &* laneCount)
    d = read(numbers + 3 &* laneCount)
    e = read(numbers + 4 &* laneCount)
  }

  @inline(__always)
  mutating func add(_ value: Lanes, times factors: Column) {
    a = multiplyAdd(a, value, factors.a)
    b = multiplyAdd(b, value, factors.b)
    c = multiplyAdd(c, value, factors.c)
    d = multiplyAdd(d, value, factors.d)
    e = multiplyAdd(e, value, factors.e)
  }

  @inline(__always)
  func store(to vectors: UnsafeMutablePointer<Lanes>) {
    vectors[0] = a
    vectors[1] = b
    vectors[2] = c
    vectors[3] = d
    vectors[4] = e
  }

  @inline(__always)
  func write(to numbers: UnsafeMutablePointer<Float>) {
    writeLanes(a, to: numbers)
    writeLanes(b, to: numbers + laneCount)
    writeLanes(c, to: numbers + 2 &* laneCount)
    writeLanes(d, to: numbers + 3 &* laneCount)
    writeLanes(e, to: numbers + 4 &* laneCount)
  }

  @inline(__always)
  func hasAny(above number: Float) -> Bool {
    let number = Lanes(repeating: number)
    return any((a .> number) .| (b .> number) .| (c .> number) .| (d .> number) .| (e .> number))
  }

  /// Calls `body` with each channel of four columns.
  @inline(__always)
  static func forEachChannel(
    _ p: Column, _ q: Column, _ r: Column, _ s: Column,
    _ body: (_ channel: Int, _ p: Lanes, _ q: Lanes, _ r: Lanes, _ s: Lanes) -> Void
  ) {
    body(0, p.a, q.a, r.a, s.a)
    body(1, p.b, q.b, r.b, s.b)
    body(2, p.c, q.c, r.c, s.c)
    body(3, p.d, q.d, r.d, s.d)
    body(4, p.e, q.e, r.e, s.e)
  }
}

/// Adds the lanes, four at a time and in their order.
@inline(__always)
func addFours(of lanes: Lanes, to sum: inout SIMD4<Float>) {
  let (low, high) = (lanes.lowHalf, lanes.highHalf)
  sum = (((sum + low.lowHalf) + low.highHalf) + high.lowHalf) + high.highHalf
}
