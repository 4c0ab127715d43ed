import CProcessor

// F(2 x 2, 3 x 3) for a few windows. Kernels that few windows share are read from far away and used once, so what takes time is how
// many bytes they are: they stay as they are, 9 numbers each, and the 16 that windows are multiplied by are made in registers.

/// Windows whose sums stay in registers.
private var windowsAtOnce: Int { @inline(__always) get { hasManyRegisters ? 4 : 2 } }

/// Channels at a time, whose kernels and factors the first-level cache keeps for all rows.
private let channelsAtOnce = 16

/// Filters of a panel of kernels.
public var filtersPerPanel: Int { laneCount }

/// The products of some windows with kernels that `transformKernels` would make, by the same sums as `multiplyPacked`.
///
/// - Parameters:
///   - windows: how many.
///   - channels: a multiple of `channelsAtOnce`.
///   - factors: (windows, 16, channels)
///   - kernels: (filters / filtersPerPanel, channels, 9, filtersPerPanel)
///   - first, end: the filters that are computed, multiples of `filtersPerPanel`.
///   - products: (windows, 16, filters)
public func multiplyFewWindows(
  windows: Int, channels: Int, filters: Int, factors: UnsafePointer<Float>, kernels: UnsafePointer<Float>,
  first: Int, end: Int, products: UnsafeMutablePointer<Float>
) {
  let groups = (windows &+ windowsAtOnce &- 1) / windowsAtOnce
  let (line, rows) = (laneCount &* MemoryLayout<Float>.stride, 3 &* channelsAtOnce &* laneCount)
  let (factorFloats, sumFloats) = (16 &* windowsAtOnce &* channels, 16 &* windowsAtOnce &* laneCount)
  withUnsafeTemporaryAllocation(
    byteCount: (2 &* rows &+ groups &* (sumFloats &+ factorFloats)) &* MemoryLayout<Float>.stride, alignment: line
  ) { memory in
    let added = memory.baseAddress!.assumingMemoryBound(to: Float.self)
    let (subtracted, sums) = (added + rows, added + 2 &* rows)
    let gathered = sums + groups &* sumFloats
    for group in 0..<groups {
      gatherFactors(
        group &* windowsAtOnce..<windows, channels: channels, factors, to: gathered + group &* factorFloats)
    }
    for filter in stride(from: first, to: end, by: laneCount) {
      sums.update(repeating: 0, count: groups &* sumFloats)
      for start in stride(from: 0, to: channels, by: channelsAtOnce) {
        let numbers = kernels + 9 &* (filter &* channels &+ start &* laneCount)
        addRows(numbers, added: added, subtracted: subtracted)
        // The processor fetches what comes next meanwhile, a part with each row.
        var next = numbers + 9 &* channelsAtOnce &* laneCount
        for group in 0..<groups {
          @inline(__always) func multiply(_ row: Int, _ numbers: UnsafePointer<Float>, _ step: Int) {
            multiplyRow(
              gathered + (group &* factorFloats &+ (row &* channels &+ start) &* 4 &* windowsAtOnce), numbers,
              step: step &* laneCount, sums + (group &* sumFloats &+ 4 &* row &* laneCount), next: next)
            next += channelsAtOnce &* laneCount
          }
          multiply(0, numbers, 9)
          multiply(1, added, 3)
          multiply(2, subtracted, 3)
          multiply(3, numbers + 6 &* laneCount, 9)
        }
      }
      writeSums(sums, windows, to: products + filter, filters)
    }
  }
}

/// A group's factors as its products take them: (4 rows, channels, `windowsAtOnce`, 4).
private func gatherFactors(
  _ windows: Range<Int>, channels: Int, _ factors: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>
) {
  let width = 4 &* windowsAtOnce
  for row in 0..<4 {
    for start in stride(from: 0, to: channels, by: channelsAtOnce) {
      for index in 0..<width {
        // One beyond the last window is the last one again.
        let window = min(windows.lowerBound &+ index / 4, windows.upperBound &- 1)
        let source = factors + ((16 &* window &+ 4 &* row &+ index % 4) &* channels &+ start)
        let target = result + ((row &* channels &+ start) &* width &+ index)
        for channel in 0..<channelsAtOnce { target[channel &* width] = source[channel] }
      }
    }
  }
}

/// The middle rows of transformed kernels, before they are halved: of each column (a, b, c), (a + c) + b and (a + c) - b.
private func addRows(
  _ kernels: UnsafePointer<Float>, added: UnsafeMutablePointer<Float>, subtracted: UnsafeMutablePointer<Float>
) {
  var (top, sum, difference) = (kernels, added, subtracted)
  for _ in 0..<channelsAtOnce {
    for _ in 0..<3 {
      let (ends, middle) = (read(top) + read(top + 6 &* laneCount), read(top + 3 &* laneCount))
      writeLanes(ends + middle, to: sum)
      writeLanes(ends - middle, to: difference)
      top += laneCount
      sum += laneCount
      difference += laneCount
    }
    top += 6 &* laneCount
  }
}

/// The four numbers of a window's row.
private struct Four {
  private var a: Lanes, b: Lanes, c: Lanes, d: Lanes

  /// Zeros.
  @inline(__always)
  init() { (a, b, c, d) = (Lanes(), Lanes(), Lanes(), Lanes()) }

  @inline(__always)
  init(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) { (self.a, self.b, self.c, self.d) = (a, b, c, d) }

  @inline(__always)
  init(_ numbers: UnsafePointer<Float>) {
    self.init(
      read(numbers), read(numbers + laneCount), read(numbers + 2 &* laneCount), read(numbers + 3 &* laneCount))
  }

  @inline(__always)
  mutating func add(_ factors: UnsafePointer<Float>, times numbers: Four) {
    a = multiplyAdd(a, Lanes(repeating: factors[0]), numbers.a)
    b = multiplyAdd(b, Lanes(repeating: factors[1]), numbers.b)
    c = multiplyAdd(c, Lanes(repeating: factors[2]), numbers.c)
    d = multiplyAdd(d, Lanes(repeating: factors[3]), numbers.d)
  }

  @inline(__always)
  func write(to numbers: UnsafeMutablePointer<Float>) {
    writeLanes(a, to: numbers)
    writeLanes(b, to: numbers + laneCount)
    writeLanes(c, to: numbers + 2 &* laneCount)
    writeLanes(d, to: numbers + 3 &* laneCount)
  }
}

/// Adds to a row of four products of some windows.
///
/// - Parameters:
///   - factors: (`channelsAtOnce`, `windowsAtOnce`, 4)
///   - numbers: the row of kernels; three vectors of each channel, `step` from one channel to the next.
///   - sums: (`windowsAtOnce`, 16) vectors, from the row's first one on.
///   - next: what is read later; the processor fetches some of it meanwhile.
private func multiplyRow(
  _ factors: UnsafePointer<Float>, _ numbers: UnsafePointer<Float>, step: Int, _ sums: UnsafeMutablePointer<Float>,
  next: UnsafePointer<Float>
) {
  let window = 16 &* laneCount
  var (p, q) = (Four(sums), Four(sums + window))
  var (r, s) = (Four(), Four())
  if windowsAtOnce > 2 { (r, s) = (Four(sums + 2 &* window), Four(sums + 3 &* window)) }
  var (factors, numbers, next) = (factors, numbers, next)
  for _ in 0..<channelsAtOnce {
    fetch_soon(next)
    let (left, middle, right) = (read(numbers), read(numbers + laneCount), read(numbers + 2 &* laneCount))
    let ends = left + right
    let row = Four(left, ends + middle, ends - middle, right)
    p.add(factors, times: row)
    q.add(factors + 4, times: row)
    if windowsAtOnce > 2 {
      r.add(factors + 8, times: row)
      s.add(factors + 12, times: row)
    }
    factors += 4 &* windowsAtOnce
    numbers += step
    next += laneCount
  }
  p.write(to: sums)
  q.write(to: sums + window)
  if windowsAtOnce > 2 {
    r.write(to: sums + 2 &* window)
    s.write(to: sums + 3 &* window)
  }
}

/// Writes a panel's sums, halved where rows or columns of kernels were left twice as large: no digit changes, as long as sums are not
/// below the smallest number with all its digits, 2⁻¹²⁶.
///
/// - Parameter products: (windows, 16, filters), from the panel's first filter on.
private func writeSums(
  _ sums: UnsafePointer<Float>, _ windows: Int, to products: UnsafeMutablePointer<Float>, _ filters: Int
) {
  for number in 0..<16 &* windows {
    @inline(__always) func isMiddle(_ index: Int) -> Bool { index == 1 || index == 2 }
    let (row, column) = (isMiddle(number / 4 % 4), isMiddle(number % 4))
    let scale: Float = row && column ? 0.25 : row || column ? 0.5 : 1
    writeLanes(read(sums + number &* laneCount) * scale, to: products + number &* filters)
  }
}
