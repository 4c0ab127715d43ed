/// One number of each of eight images: a register of AVX2.
typealias Lanes = SIMD8<Float>

/// Whether there are 32 registers, not 16.
var hasManyRegisters: Bool { @inline(__always) get { false } }

/// As many output channels as are computed at once, at one of four places:
/// 12 sums, 3 factors and 1 value fill the 16 registers.
struct Column {
  var a, b, c: Lanes

  static var count: Int { @inline(__always) get { 3 } }

  /// Zeros.
  @inline(__always)
  init() { (a, b, c) = (Lanes(), Lanes(), Lanes()) }

  /// Numbers that all lanes share.
  @inline(__always)
  init(sharing numbers: UnsafePointer<Float>) {
    a = Lanes(repeating: numbers[0])
    b = Lanes(repeating: numbers[1])
    c = Lanes(repeating: numbers[2])
  }

  @inline(__always)
  init(_ vectors: UnsafePointer<Lanes>) {
    a = vectors[0]
    b = vectors[1]
    c = vectors[2]
  }

  /// Numbers that lie where they lie.
  @inline(__always)
  init(reading numbers: UnsafePointer<Float>) {
    a = read(numbers)
    b = read(numbers + laneCount)
    c = read(numbers + 2 &* laneCount)
  }

  @inline(__always)
  mutating func add(_ value: Lanes, times factors: Column) {
    a = multiplyAdd(a, value, factors.a)
    b = multiplyAdd(b, value, factors.b)
    c = multiplyAdd(c, value, factors.c)
  }

  @inline(__always)
  func store(to vectors: UnsafeMutablePointer<Lanes>) {
    vectors[0] = a
    vectors[1] = b
    vectors[2] = c
  }

  @inline(__always)
  func write(to numbers: UnsafeMutablePointer<Float>) {
    writeLanes(a, to: numbers)
    writeLanes(b, to: numbers + laneCount)
    writeLanes(c, to: numbers + 2 &* laneCount)
  }

  @inline(__always)
  func hasAny(above number: Float) -> Bool {
    let number = Lanes(repeating: number)
    return any((a .> number) .| (b .> number) .| (c .> number))
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
  }
}

/// Adds the lanes, four at a time and in their order.
@inline(__always)
func addFours(of lanes: Lanes, to sum: inout SIMD4<Float>) { sum = (sum + lanes.lowHalf) + lanes.highHalf }
