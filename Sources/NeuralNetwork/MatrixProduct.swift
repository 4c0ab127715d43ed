import COpenBLAS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// OpenBLAS's product runs on the calling thread alone: the threads are ours, over fixed blocks of images, so that sums are
/// made in the same order for any number of them. Without it nothing can go on, as with any library that is linked.
private let sgemm: copenblas_sgemm = {
  do {
    return try loadMatrixProduct(from: "libopenblas.so.0")
  } catch {
    let line = "espalier: \(error)\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
    exit(1)
  }
}()

/// - Parameter library: its name or path, as `dlopen` takes it.
package func loadMatrixProduct(from library: String) throws(NetworkError) -> copenblas_sgemm {
  if let product = copenblas_load(library) { return product }
  throw NetworkError(
    library, found: dlerror().map { String(cString: $0) } ?? "no cblas_sgemm",
    expected: "OpenBLAS, as the package libopenblas-dev brings it")
}

/// result (rows, columns) = left (rows, inner) x right (inner, columns), or += with `accumulate`; all row-major.
/// - Parameter leftPitch: from one row of `left`, as it lies in memory, to the next; nil where nothing lies between them.
func multiply(
  _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
  rows: Int, inner: Int, columns: Int, accumulate: Bool = false,
  transposeLeft: Bool = false, transposeRight: Bool = false, leftPitch: Int? = nil
) {
  sgemm(
    CblasRowMajor, transposeLeft ? CblasTrans : CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
    Int32(rows), Int32(columns), Int32(inner), 1,
    left, Int32(leftPitch ?? (transposeLeft ? rows : inner)), right, Int32(transposeRight ? inner : columns),
    accumulate ? 1 : 0, result, Int32(columns))
}
