import Files
import NeuralNetwork

/// Numbers that lie in a file in Fortran's order, the first axis the fastest: element (i, j, k) of an array of shape (n, m, l)
/// is number i + n (j + m k). They are handed out in C order, as all other numbers.
struct FortranNumbers: StoredNumbers {
  let bytes: ByteSource
  let type: NumberType
  /// Where the first number begins.
  let start: Int
  /// Rows, which lie side by side for each place of a row.
  let rowCount: Int
  /// By place in a row in C order: where its numbers lie, counted in columns of `rowCount` numbers.
  let columns: [Int]

  /// - Parameter shape: of two axes or more, none of them longer than the file.
  init(_ bytes: ByteSource, _ type: NumberType, shape: [Int], from start: Int) {
    self.bytes = bytes
    self.type = type
    self.start = start
    rowCount = shape[0]
    var columns = [0]
    var step = 1
    // The last axis is the fastest in C order and the slowest here.
    for extent in shape.dropFirst() {
      columns = columns.flatMap { column in (0..<extent).map { column + $0 * step } }
      step *= extent
    }
    self.columns = columns
  }

  var isWhole: Bool { type.kind != .float }

  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    try forEach(of: rows) { buffer[$0] = Float($1) }
  }

  func doubles() throws -> [Double] {
    var values = [Double](repeating: 0, count: rowCount * columns.count)
    try forEach(of: 0..<rowCount) { values[$0] = $1 }
    return values
  }

  /// Calls `body` with each number of some rows, and its place among them in C order.
  private func forEach(of rows: Range<Int>, _ body: (Int, Double) -> Void) throws {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount)
    guard !rows.isEmpty else { return }
    for (place, column) in columns.enumerated() {
      let first = start + (column * rowCount + rows.lowerBound) * type.bytes
      try bytes.withBytes(first..<first + rows.count * type.bytes) { bytes in
        for row in 0..<rows.count {
          body(row * columns.count + place, type.value(bytes, at: row * type.bytes))
        }
      }
    }
  }
}
