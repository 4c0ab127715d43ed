/// result (columns, rows) from numbers at source[row * rowStep + column * columnStep].
///
/// - Parameter resultStep: from one row of the result to the next; nil where nothing lies between them.
func transpose(
  _ source: UnsafePointer<Float>, rows: Int, columns: Int, rowStep: Int, columnStep: Int = 1,
  to result: UnsafeMutablePointer<Float>, resultStep: Int? = nil
) {
  let pitch = resultStep ?? rows
  // In squares, whose lines stay in the cache.
  let side = 16
  for top in stride(from: 0, to: rows, by: side) {
    let height = min(side, rows &- top)
    for left in stride(from: 0, to: columns, by: side) {
      let width = min(side, columns &- left)
      let (from, target) = (source + top &* rowStep + left &* columnStep, result + left &* pitch + top)
      let (wholeRows, wholeColumns) = columnStep == 1 ? (height & ~3, width & ~3) : (0, 0)
      for row in stride(from: 0, to: wholeRows, by: 4) {
        for column in stride(from: 0, to: wholeColumns, by: 4) {
          transposeFour(from + (row &* rowStep &+ column), rowStep, to: target + (column &* pitch &+ row), pitch)
        }
      }
      for column in 0..<width {
        for row in (column < wholeColumns ? wholeRows : 0)..<height {
          target[column &* pitch &+ row] = from[row &* rowStep &+ column &* columnStep]
        }
      }
    }
  }
}

/// Four rows of four numbers.
@inline(__always)
private func transposeFour(
  _ source: UnsafePointer<Float>, _ rowStep: Int, to result: UnsafeMutablePointer<Float>, _ pitch: Int
) {
  @inline(__always) func row(_ index: Int) -> SIMD4<Float> {
    UnsafeRawPointer(source + index &* rowStep).loadUnaligned(as: SIMD4<Float>.self)
  }
  @inline(__always) func write(_ column: Int, _ numbers: SIMD4<Float>) {
    UnsafeMutableRawPointer(result + column &* pitch).storeBytes(of: numbers, as: SIMD4<Float>.self)
  }
  let (a, b, c, d) = (row(0), row(1), row(2), row(3))
  write(0, SIMD4(a.x, b.x, c.x, d.x))
  write(1, SIMD4(a.y, b.y, c.y, d.y))
  write(2, SIMD4(a.z, b.z, c.z, d.z))
  write(3, SIMD4(a.w, b.w, c.w, d.w))
}
