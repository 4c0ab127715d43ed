import NeuralNetwork
import Testing

@Suite struct MatrixProductTests {
  @Test func absentLibraryIsNamed() {
    #expect(
      throws: NetworkError(
        "libnothing.so.0", found: "libnothing.so.0: cannot open shared object file: No such file or directory",
        expected: "OpenBLAS, as the package libopenblas-dev brings it")
    ) {
      _ = try loadMatrixProduct(from: "libnothing.so.0")
    }
  }

  @Test func libraryWithoutTheProductIsRefused() throws {
    let error = try #require(throws: NetworkError.self) { _ = try loadMatrixProduct(from: "libm.so.6") }
    #expect(error.location == "libm.so.6")
    #expect(error.found.hasSuffix("undefined symbol: cblas_sgemm"))
  }
}
