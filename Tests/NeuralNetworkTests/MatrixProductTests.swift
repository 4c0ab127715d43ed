import COpenBLAS
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

  /// The dense layers' shapes. Partial sums of `inner` products of standard normal numbers are of size sqrt(inner), so that
  /// their roundings seldom add up to more than 2⁻²³ inner; a wrong product would differ by about 1.
  @Test(arguments: [(32, 1200, 160), (16, 160, 1283), (7, 960, 33)])
  func agreesWithOpenBLAS(_ rows: Int, _ inner: Int, _ columns: Int) throws {
    let product = try loadMatrixProduct(from: "libopenblas.so.0")
    var random = SeededGenerator(seed: 5)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    let (left, right) = (numbers(rows * inner), numbers(inner * columns))
    var (own, theirs) = ([Float](repeating: 0, count: rows * columns), [Float](repeating: 0, count: rows * columns))
    multiply(left, right, &own, rows: rows, inner: inner, columns: columns)
    product(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, left, Int32(inner),
      right, Int32(columns), 0, &theirs, Int32(columns))
    let worst = zip(own, theirs).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 0x1p-21 * Float(inner))
  }

  /// Shapes at the borders of tiles and blocks, each number against its chain of fused multiply-adds.
  @Test(
    arguments: Kernels.available,
    [
      (1, 3, 1), (2, 300, 17), (5, 33, 64), (6, 256, 16), (8, 257, 35), (9, 515, 33), (13, 129, 1055), (97, 5, 31),
      (103, 140, 40), (250, 150, 35),
    ])
  func isOneChainANumber(_ kernels: Kernels, _ shape: (rows: Int, inner: Int, columns: Int)) {
    let (rows, inner, columns) = shape
    var random = SeededGenerator(seed: 11)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    let (left, right, start) = (numbers(rows * inner), numbers(inner * columns), numbers(rows * columns))
    for accumulate in [false, true] {
      var expected = accumulate ? start : [Float](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for k in 0..<inner {
          for column in 0..<columns {
            expected[row * columns + column].addProduct(left[row * inner + k], right[k * columns + column])
          }
        }
      }
      var result = start
      multiply(
        left, right, &result, rows: rows, inner: inner, columns: columns, accumulate: accumulate, kernels: kernels)
      #expect(result == expected)
      let turned = (0..<left.count).map { left[$0 % rows * inner + $0 / rows] }
      result = start
      multiply(
        turned, right, &result, rows: rows, inner: inner, columns: columns, accumulate: accumulate,
        transposeLeft: true, kernels: kernels)
      #expect(result == expected)
    }
  }

  @Test func libraryWithoutTheProductIsRefused() throws {
    let error = try #require(throws: NetworkError.self) { _ = try loadMatrixProduct(from: "libm.so.6") }
    #expect(error.location == "libm.so.6")
    #expect(error.found.hasSuffix("undefined symbol: cblas_sgemm"))
  }
}
