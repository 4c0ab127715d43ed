// The product of matrices, in blocks as by Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM
// TOMS 2008, §4: a panel of the right factor stays in the first-level cache while rows of the left one pass it. Deviates: the
// left factor is read where it lies. A block boundary stores a sum and reads it back, which changes no bit of it.

/// Numbers of a sum between two stores: a panel takes 16 KB, half of a first-level cache.
var innerPerBlock: Int { @inline(__always) get { 4096 / columnsPerTile } }
/// Columns that are packed together: 1 MB at most.
private let columnsPerBlock = 1024
/// Rows that pass one panel after another, so that they come from the second-level cache.
let rowsPerBlock = 96
/// Packing a panel pays from this many rows on.
private let rowsThatPack = 9

/// How many floats of working memory `multiplyMatrices` needs.
public func matrixProductFloats(rows: Int, inner: Int, columns: Int) -> Int {
  let strip = columns % laneCount == 0 ? 0 : inner * laneCount
  guard rows >= rowsThatPack else { return strip }
  return max(strip, min(inner, innerPerBlock) * (min(columns, columnsPerBlock) + min(rows, rowsPerBlock)))
}

/// result = left x right, or result += left x right: each number is one chain of fused multiply-adds over `inner` in ascending
/// order, from 0 or from what the result holds.
///
/// - Parameters:
///   - rows, inner, columns: left is (rows, inner), right (inner, columns), the result (rows, columns); all positive.
///   - left: where a number of row i and column k lies: left[i * leftRow + k * leftInner].
///   - right: row-major, `rightPitch` from one row to the next.
///   - result: row-major, `resultPitch` from one row to the next.
///   - memory: `matrixProductFloats` floats.
public func multiplyMatrices(
  rows: Int, inner: Int, columns: Int, left: UnsafePointer<Float>, leftRow: Int, leftInner: Int,
  right: UnsafePointer<Float>, rightPitch: Int, result: UnsafeMutablePointer<Float>, resultPitch: Int,
  accumulates: Bool, memory: UnsafeMutablePointer<Float>
) {
  let tiled = columns / columnsPerTile &* columnsPerTile
  for column in stride(from: 0, to: tiled, by: columnsPerBlock) {
    let width = min(columnsPerBlock, tiled &- column)
    for start in stride(from: 0, to: inner, by: innerPerBlock) {
      let depth = min(innerPerBlock, inner &- start)
      let factors = Factors(left: left + start &* leftInner, row: leftRow, step: leftInner, rows: rows, inner: depth)
      let beginning = Beginning(numbers: accumulates || start > 0 ? UnsafePointer(result) : nil, pitch: resultPitch)
      multiplyBlock(
        factors, columns: width, right + start &* rightPitch + column, rightPitch, result + column, resultPitch,
        beginning.from(column: column), memory)
    }
  }
  let factors = Factors(left: left, row: leftRow, step: leftInner, rows: rows, inner: inner)
  for column in stride(from: tiled, to: columns, by: laneCount) {
    multiplyStrip(
      factors, count: min(laneCount, columns &- column), right + column, rightPitch, result + column, resultPitch,
      accumulates: accumulates, memory)
  }
}

/// All rows by the columns of a block, whole tiles of them, over the block's part of the sums.
private func multiplyBlock(
  _ factors: Factors, columns: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ beginning: Beginning, _ memory: UnsafeMutablePointer<Float>
) {
  let packs = factors.rows >= rowsThatPack
  if packs { pack(right, rightPitch, inner: factors.inner, columns: columns, to: memory) }
  let panel =
    packs
    ? Panel(numbers: memory, pitch: columnsPerTile, gap: columnsPerTile &* factors.inner, isPacked: true)
    : Panel(numbers: right, pitch: rightPitch, gap: columnsPerTile, isPacked: false)
  // Rows of a transposed factor are read one number from each of many lines, which are brought together.
  let copies = packs && factors.row == 1 && factors.step > rowsPerBlock
  let copied = memory + factors.inner &* columns
  for first in stride(from: 0, to: factors.rows, by: rowsPerBlock) {
    let end = min(first &+ rowsPerBlock, factors.rows)
    var block = Factors(
      left: factors.left + first &* factors.row, row: factors.row, step: factors.step, rows: end &- first,
      inner: factors.inner)
    if copies { block = copiedRows(block, to: copied) }
    multiplyPanels(
      block, 0..<block.rows, panel, columns: columns, result + first &* pitch, pitch, beginning.from(row: first))
  }
}

/// Rows of a transposed factor, one number of all of them behind the other.
private func copiedRows(_ factors: Factors, to memory: UnsafeMutablePointer<Float>) -> Factors {
  var source = factors.left
  var target = memory
  for _ in 0..<factors.inner {
    forEachVector(of: factors.rows) { index, width in writePart(part(source + index, width), to: target + index, width)
    }
    source += factors.step
    target += factors.rows
  }
  return Factors(left: memory, row: 1, step: factors.rows, rows: factors.rows, inner: factors.inner)
}

/// Panels of `columnsPerTile` columns, each with its rows one behind the other; four panels at a time, so that a row is read
/// in longer parts.
private func pack(
  _ right: UnsafePointer<Float>, _ pitch: Int, inner: Int, columns: Int, to memory: UnsafeMutablePointer<Float>
) {
  let panelFloats = inner &* columnsPerTile
  var column = 0
  while column < columns {
    let count = min(4, (columns &- column) / columnsPerTile)
    var source = right + column
    var target = memory + column &* inner
    for _ in 0..<inner {
      for index in 0..<count {
        Pair(source + index &* columnsPerTile).write(to: target + index &* panelFloats)
      }
      source += pitch
      target += columnsPerTile
    }
    column &+= count &* columnsPerTile
  }
}

/// All rows by one vector of columns, of which `count` are there.
private func multiplyStrip(
  _ factors: Factors, count: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, accumulates: Bool, _ memory: UnsafeMutablePointer<Float>
) {
  var (panel, panelPitch) = (right, rightPitch)
  if count < laneCount {
    // A vector would read past the last row's end.
    for k in 0..<factors.inner {
      for index in 0..<laneCount {
        memory[k &* laneCount &+ index] = index < count ? panel[k &* panelPitch &+ index] : 0
      }
    }
    (panel, panelPitch) = (UnsafePointer(memory), laneCount)
  }
  var row = 0
  while row < factors.rows {
    multiplyVectors(
      factors, row, panel, panelPitch, result, pitch, count,
      Beginning(numbers: accumulates ? UnsafePointer(result) : nil, pitch: pitch))
    row &+= 8
  }
}
