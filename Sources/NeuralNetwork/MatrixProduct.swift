/// result (rows, columns) = left (rows, inner) x right (inner, columns), or += with `accumulate`; all row-major.
///
/// Each number is one chain of fused multiply-adds over `inner` in ascending order, from 0 or from what the result holds: the
/// same bits with every instruction set.
/// - Parameter leftPitch: from one row of `left`, as it lies in memory, to the next; nil where nothing lies between them.
package func multiply(
  _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
  rows: Int, inner: Int, columns: Int, accumulate: Bool = false,
  transposeLeft: Bool = false, transposeRight: Bool = false, leftPitch: Int? = nil,
  kernels: Kernels = .chosen
) {
  let pitch = leftPitch ?? (transposeLeft ? rows : inner)
  let (leftRow, leftInner) = transposeLeft ? (1, pitch) : (pitch, 1)
  func product(
    rows: Int, columns: Int, _ left: UnsafePointer<Float>, _ leftRow: Int, _ leftInner: Int,
    _ right: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let floats = kernels.matrixProductFloats(rows, inner, columns)
    // Panels that begin where a cache line does are read faster.
    withAlignedFloats(floats) { memory in
      kernels.multiplyMatrices(
        rows, inner, columns, left, leftRow, leftInner, right, columns, result, columns, accumulates,
        memory)
    }
  }
  guard transposeRight else {
    return product(
      rows: rows, columns: columns, left, leftRow, leftInner, right, result, accumulates: accumulate)
  }
  if rows < columns, !accumulate {
    // Of the two factors the left one is smaller, and the result's transpose has its vectors along the rows.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * (inner + columns)) { memory in
      let (turned, sums) = (memory.baseAddress!, memory.baseAddress! + rows * inner)
      transpose(left, rows: rows, columns: inner, rowStep: leftRow, columnStep: leftInner, to: turned)
      product(rows: columns, columns: rows, right, inner, 1, turned, sums, accumulates: false)
      transpose(sums, rows: columns, columns: rows, rowStep: rows, to: result)
    }
  } else {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: inner * columns) { memory in
      let turned = memory.baseAddress!
      transpose(right, rows: columns, columns: inner, rowStep: inner, to: turned)
      product(rows: rows, columns: columns, left, leftRow, leftInner, turned, result, accumulates: accumulate)
    }
  }
}
