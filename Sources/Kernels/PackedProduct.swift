/// How many floats `packFactor` writes: the columns are filled up to whole tiles with 0s.
public func packedFactorFloats(inner: Int, columns: Int) -> Int {
  inner * ((columns + columnsPerTile - 1) / columnsPerTile * columnsPerTile)
}

/// Packs some rows of a right factor, once for many products with `multiplyPacked`.
///
/// - Parameters:
///   - inner, columns: of the whole factor.
///   - first, end: the rows.
///   - right: these rows, row-major.
///   - packed: the whole factor's: blocks of at most `innerPerBlock` rows, each with panels of `columnsPerTile` columns.
public func packFactor(
  inner: Int, columns: Int, first: Int, end: Int, right: UnsafePointer<Float>, packed: UnsafeMutablePointer<Float>
) {
  let panels = (columns &+ columnsPerTile &- 1) / columnsPerTile
  for row in first..<end {
    let start = row / innerPerBlock &* innerPerBlock
    let depth = min(innerPerBlock, inner &- start)
    let source = right + (row &- first) &* columns
    var target = packed + (start &* panels &+ row &- start) &* columnsPerTile
    for column in stride(from: 0, to: columns, by: columnsPerTile) {
      if column &+ columnsPerTile <= columns {
        Pair(source + column).write(to: target)
      } else {
        for index in 0..<columnsPerTile { target[index] = column &+ index < columns ? source[column &+ index] : 0 }
      }
      target += columnsPerTile &* depth
    }
  }
}

/// result = beginning + left x right for a factor packed by `packFactor`: each number is one chain of fused multiply-adds over `inner`
/// in ascending order, as by `multiplyMatrices`.
///
/// - Parameters:
///   - left: (rows, inner), `leftRow` from one row to the next, and `leftInner` from one number of a row to the next.
///   - beginning: what the sums begin with, `beginningPitch` from one row's to the next, which is 0 where all rows begin with the
///     same; nil for zeros.
///   - result: (rows, columns), `resultPitch` from one row to the next.
///   - first, end: the columns that are computed; both are multiples of `columnsPerTile`, or `end` is `columns`.
public func multiplyPacked(
  rows: Int, inner: Int, columns: Int, left: UnsafePointer<Float>, leftRow: Int, leftInner: Int,
  packed: UnsafePointer<Float>, beginning: UnsafePointer<Float>?, beginningPitch: Int,
  result: UnsafeMutablePointer<Float>, resultPitch: Int, first firstColumn: Int, end endColumn: Int
) {
  let tiled = endColumn / columnsPerTile &* columnsPerTile
  var block = packed
  for start in stride(from: 0, to: inner, by: innerPerBlock) {
    let factors = Factors(
      left: left + start &* leftInner, row: leftRow, step: leftInner, rows: rows,
      inner: min(innerPerBlock, inner &- start))
    let sums =
      start > 0
      ? Beginning(numbers: UnsafePointer(result), pitch: resultPitch)
      : Beginning(numbers: beginning, pitch: beginningPitch)
    for first in stride(from: 0, to: rows, by: rowsPerBlock) {
      let end = min(first &+ rowsPerBlock, rows)
      let gap = columnsPerTile &* factors.inner
      multiplyPanels(
        factors, first..<end,
        Panel(numbers: block + firstColumn &* factors.inner, pitch: columnsPerTile, gap: gap, isPacked: true),
        columns: tiled &- firstColumn, result + firstColumn, resultPitch, sums.from(column: firstColumn))
      if tiled < endColumn {
        multiplyPart(
          factors, first, end, block + tiled &* factors.inner, result + tiled, resultPitch, count: endColumn &- tiled,
          sums.from(column: tiled))
      }
    }
    block += (columns &+ columnsPerTile &- 1) / columnsPerTile &* columnsPerTile &* factors.inner
  }
}

/// The last panel, of which only `count` columns are there: a vector of columns at a time.
private func multiplyPart(
  _ factors: Factors, _ first: Int, _ end: Int, _ panel: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
  _ pitch: Int, count: Int, _ beginning: Beginning
) {
  let rows = Factors(
    left: factors.left + first &* factors.row, row: factors.row, step: factors.step, rows: end &- first,
    inner: factors.inner)
  let (target, beginning) = (result + first &* pitch, beginning.from(row: first))
  for column in stride(from: 0, to: count, by: laneCount) {
    for row in stride(from: 0, to: rows.rows, by: 8) {
      multiplyVectors(
        rows, row, panel + column, columnsPerTile, target + column, pitch, min(laneCount, count &- column),
        beginning.from(column: column))
    }
  }
}
