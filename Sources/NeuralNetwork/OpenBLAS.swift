import COpenBLAS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// OpenBLAS's matrix product, which decides no number of a result: it is what our own product is measured beside.
///
/// - Parameter library: its name or path, as `dlopen` takes it.
package func loadMatrixProduct(from library: String) throws(NetworkError) -> copenblas_sgemm {
  if let product = copenblas_load(library) { return product }
  throw NetworkError(
    library, found: dlerror().map { String(cString: $0) } ?? "no cblas_sgemm",
    expected: "OpenBLAS, as the package libopenblas-dev brings it")
}
