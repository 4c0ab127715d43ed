import Files
import NeuralNetwork

/// The numbers of an array in a file, row by row: a row is what lies along all axes but the first.
package protocol StoredNumbers: Sendable {
  /// Whether no number has a fraction, by its type.
  var isWhole: Bool { get }

  /// Reads some rows in the order in which they are stored.
  /// - Parameter buffer: of exactly as many numbers as the rows have.
  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws

  /// All rows, exactly.
  func doubles() throws -> [Double]

  /// Looks at every part of the file that reading may touch, without its numbers.
  func visit()
}

extension StoredNumbers {
  /// Nothing.
  package func visit() {}
}

/// An array in a file.
struct StoredArray {
  /// What messages call it: `data`, or the file's name where the array is all of it.
  let name: String
  /// The size of each axis, the first being the rows.
  let shape: [Int]
  let numbers: any StoredNumbers
}

/// What a format finds in files.
struct StoredImages {
  /// Three or four axes, the first being the images.
  let images: StoredArray
  let labels: Labels
  /// Where the format says it; nil for what the sizes tell.
  var layout: ImageLayout?

  enum Labels {
    /// One for each image, or one-hot rows.
    case array(StoredArray)
    case numbers([Int])
  }
}

extension StoredArray {
  /// The labels of `count` images: (N), (N, 1), or one-hot (N, classes); whole numbers or truth values of any type.
  /// - Throws: `InputError` that names the row.
  func labels(of images: StoredArray, location: String) throws -> [Int] {
    let count = images.shape[0]
    guard shape.count == 1 || shape.count == 2, shape[0] == count, shape.count == 1 || shape[1] > 0 else {
      throw InputError(
        location, found: "\(name) has shape \(tuple(shape))", expected: "(\(count)), one a row of \(images.name)")
    }
    let values = try numbers.doubles()
    guard let classes = shape.dropFirst().first, classes > 1 else {
      return try values.enumerated().map { row, value in
        guard let label = Int(exactly: value), (0..<1 << 31).contains(label) else {
          throw InputError(location, found: "\(name) is \(value) in row \(row)", expected: "whole numbers from 0")
        }
        return label
      }
    }
    return try (0..<count).map { row in
      let numbers = values[row * classes..<(row + 1) * classes]
      guard let place = numbers.firstIndex(of: 1), numbers.allSatisfy({ $0 == 0 || $0 == 1 }),
        numbers.lastIndex(of: 1) == place
      else {
        throw InputError(
          location, found: "\(name) of shape \(tuple(shape)) has not one 1 among zeros in row \(row)",
          expected: "(\(count)), one a row of \(images.name), or one-hot rows")
      }
      return place - numbers.startIndex
    }
  }
}
