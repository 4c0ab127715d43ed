import Datasets
import Testing

@Suite struct BitmapTests {
  /// One row of grey values, opaque.
  private func row(_ values: [UInt8]) -> Bitmap {
    Bitmap(width: values.count, height: 1, pixels: values.flatMap { [$0, $0, $0, 255] })
  }

  private func reds(_ pixels: [Float]) -> [Float] {
    stride(from: 0, to: pixels.count, by: 4).map { pixels[$0] }
  }

  @Test func isItselfAtItsOwnSize() {
    let bitmap = Bitmap(width: 2, height: 2, pixels: (1...16).map { UInt8($0 * 15) })
    #expect(bitmap.resampled(width: 2, height: 2) == bitmap)
  }

  /// Centres of 4 pixels over 2 lie at 1/4, 3/4, 5/4, 7/4 of the old row: edge, 3:1, 1:3, edge.
  @Test func growsBilinearly() {
    let grown = reds(row([0, 100]).resampledPixels(width: 4, height: 1))
    #expect(grown == [0, 25, 75, 100])
  }

  /// s = 2: the triangle around 1 (then 3) reaches 2 pixels either way: distances 1/2, 1/2, 3/2 have weights 3, 3, 1.
  @Test func shrinksByTheTriangleFilter() {
    let shrunk = reds(row([10, 20, 40, 80]).resampledPixels(width: 2, height: 1))
    #expect(abs(shrunk[0] - Float(3 * 10 + 3 * 20 + 40) / 7) < 1e-4)
    #expect(abs(shrunk[1] - Float(20 + 3 * 40 + 3 * 80) / 7) < 1e-4)
    // Rows are treated as columns are.
    let column = Bitmap(width: 1, height: 4, pixels: row([10, 20, 40, 80]).pixels)
    #expect(reds(column.resampledPixels(width: 1, height: 2)) == shrunk)
  }

  @Test func roundsBytesToTheNearest() {
    // 18.57 and 54.29 from the case above.
    let bytes = row([10, 20, 40, 80]).resampled(width: 2, height: 1)
    #expect(bytes[0, 0] == SIMD4(19, 19, 19, 255))
    #expect(bytes[1, 0] == SIMD4(54, 54, 54, 255))
  }

  @Test func aTransparentPixelsColorDoesNotShow() {
    let bitmap = Bitmap(width: 2, height: 1, pixels: [200, 100, 0, 255, 0, 0, 255, 0])
    #expect(bitmap.resampledPixels(width: 1, height: 1) == [200, 100, 0, 127.5])
    #expect(bitmap.rgbPixels(width: 1, height: 1) == [227.5, 177.5, 127.5])
    #expect(bitmap.rgbPixels(width: 1, height: 1, over: SIMD3(0, 0, 50)) == [100, 50, 25])
    let nothing = Bitmap(width: 1, height: 1, pixels: [9, 9, 9, 0])
    #expect(nothing.resampled(width: 2, height: 1).pixels == [0, 0, 0, 0, 0, 0, 0, 0])
  }

  /// References from Pillow's `resize` with `BILINEAR`, mode F, which computes in doubles and keeps floats.
  @Test func agreesWithPillow() {
    let values: [[UInt8]] = [
      [10, 20, 30, 40, 50, 60, 70], [0, 0, 255, 0, 0, 0, 0], [5, 200, 5, 200, 5, 200, 5],
      [90, 80, 70, 60, 50, 40, 30], [1, 2, 3, 4, 5, 6, 255],
    ]
    let bitmap = Bitmap(width: 7, height: 5, pixels: values.flatMap { row($0).pixels })
    let shrunk = reds(bitmap.resampledPixels(width: 3, height: 2))
    let expected: [Float] = [52.094154, 64.59893, 41.42857, 56.516235, 53.144382, 66.04546]
    // A few roundings of floats near 255, ulp 1.5e-5.
    #expect(zip(shrunk, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "\(shrunk)")

    let grown = reds(bitmap.resampledPixels(width: 9, height: 6))[9..<18]
    let row1: [Float] = [2.5, 4.1666665, 91.11111, 156.80556, 10, 11.944445, 13.888889, 15.833333, 17.5]
    #expect(zip(grown, row1).allSatisfy { abs($0 - $1) < 1e-4 }, "\(grown)")
  }
}
