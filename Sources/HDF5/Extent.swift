import CHDF5

/// The shape of a dataset or attribute, and its sizes, every product checked.
struct Extent {
  /// Empty for a single value; `[0]` for HDF5's null dataspace.
  let shape: [Int]
  /// The product of `shape`.
  let count: Int
  /// `count` times the bytes of one element.
  let byteCount: Int

  /// - Parameter space: an open dataspace.
  /// - Throws: `HDF5Error` where the rank is over 32, or the bytes are more than `limit`.
  init(space: hid_t, elementBytes: Int, limit: Int, _ location: String) throws {
    func error(_ found: String) -> HDF5Error {
      HDF5Error(location: location, found: found, expected: "at most \(limit) bytes")
    }

    if H5Sget_simple_extent_type(space) == H5S_NULL {
      self.init(shape: [0], count: 0, byteCount: 0)
      return
    }
    let rank = Int(try check(H5Sget_simple_extent_ndims(space), location, "a readable shape"))
    guard rank <= 32 else {
      throw HDF5Error(location: location, found: "has \(rank) axes", expected: "at most 32")
    }
    var sizes = [hsize_t](repeating: 0, count: max(rank, 1))
    try check(H5Sget_simple_extent_dims(space, &sizes, nil), location, "a readable shape")
    let dimensions = sizes.prefix(rank)
    // An axis of size zero must not hide others that overflow: they are still multiplied for one row.
    var shape: [Int] = []
    for size in dimensions {
      guard let size = Int(exactly: size) else {
        throw error("declares the shape (\(dimensions.map(String.init).joined(separator: ", ")))")
      }
      shape.append(size)
    }
    guard let product = checkedProduct(shape.map { max($0, 1) } + [elementBytes]), product <= limit else {
      throw error("declares the shape (\(shape.map(String.init).joined(separator: ", ")))")
    }
    let isEmpty = shape.contains(0)
    self.init(
      shape: shape, count: isEmpty ? 0 : product / elementBytes, byteCount: isEmpty ? 0 : product)
  }

  init(shape: [Int], count: Int, byteCount: Int) {
    self.shape = shape
    self.count = count
    self.byteCount = byteCount
  }
}

/// The product of numbers that are not negative; nil where it overflows.
func checkedProduct(_ factors: [Int]) -> Int? {
  var product = 1
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    product = next
  }
  return product
}
