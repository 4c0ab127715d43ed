import COpenBLAS

/// OpenBLAS runs on the calling thread alone: the threads are ours, over fixed blocks of images, so that sums are
/// made in the same order for any number of them.
private let singleThreaded: Void = openblas_set_num_threads(1)

/// result (rows, columns) = left (rows, inner) x right (inner, columns), or += with `accumulate`; all row-major.
/// - Parameter leftPitch: from one row of `left`, as it lies in memory, to the next; nil where nothing lies between them.
func multiply(
  _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
  rows: Int, inner: Int, columns: Int, accumulate: Bool = false,
  transposeLeft: Bool = false, transposeRight: Bool = false, leftPitch: Int? = nil
) {
  _ = singleThreaded
  cblas_sgemm(
    CblasRowMajor, transposeLeft ? CblasTrans : CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
    Int32(rows), Int32(columns), Int32(inner), 1,
    left, Int32(leftPitch ?? (transposeLeft ? rows : inner)), right, Int32(transposeRight ? inner : columns),
    accumulate ? 1 : 0, result, Int32(columns))
}
