import CHDF5

extension HDF5Dataset {
  /// Reads a range of rows into `buffer`, (rows, other axes) in row-major order, whatever the file's number type.
  ///
  /// `Float` and `Double` take any number, rounded to the nearest; too large a number becomes infinite. `Int64` and
  /// `Int` take numbers that they hold exactly, `UInt8` takes bytes alone. Only `buffer` and chunks are in memory.
  ///
  /// - Parameters:
  ///   - rows: Within `0..<rowCount`.
  ///   - buffer: Of `rows.count * rowSize` elements; its content is undefined after an error.
  /// - Throws: `HDF5Error` where the range or the buffer does not fit, elements have another kind or value than can be
  ///   read so, or the file is damaged.
  public func read<Element: HDF5Number>(
    rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Element>
  ) throws {
    try Library.locked {
      try checkTransfer(rows, count: buffer.count)
      guard !buffer.isEmpty else { return }
      try checkChunks(rows)
      let (memory, selection) = try select(rows)
      try readNumbers(as: elementKind, into: buffer, location) {
        H5Dread(handle.id, $0, memory.id, selection.id, chdf5_default(), $1)
      }
    }
  }

  /// Reads a range of rows, or all, as an array; see `read(rows:into:)`.
  ///
  /// - Throws: `HDF5Error` as that one does, and where the array would be larger than `HDF5Limits.arrayBytes`, or than
  ///   `HDF5Limits.unstoredBytes` with hardly anything of it stored.
  public func read<Element: HDF5Number>(
    _: Element.Type = Element.self, rows: Range<Int>? = nil
  ) throws -> [Element] {
    let rows = rows ?? 0..<rowCount
    let count = try arrayCount(rows, elementBytes: MemoryLayout<Element>.stride)
    return try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(rows: rows, into: UnsafeMutableBufferPointer(rebasing: buffer.prefix(count)))
      initialized = count
    }
  }

  /// Reads a range of rows, or all, of a dataset of strings; none where it has no elements.
  ///
  /// - Throws: `HDF5Error` where elements are not strings, one is not UTF-8, the range does not fit, the array would be
  ///   larger than `HDF5Limits.arrayBytes`, or the file is damaged.
  public func strings(rows: Range<Int>? = nil) throws -> [String] {
    try Library.locked {
      let rows = rows ?? 0..<rowCount
      let count = try arrayCount(rows, elementBytes: max(type.storedBytes, MemoryLayout<String>.stride))
      guard count > 0 else { return [] }
      try checkChunks(rows)
      let (memory, selection) = try select(rows)
      let part = Extent(shape: [count], count: count, byteCount: count * type.storedBytes)
      return try readStrings(type, part, file: source.handle, location) {
        H5Dread(handle.id, $0, memory.id, selection.id, chdf5_default(), $1)
      }
    }
  }

  /// All elements that are two opaque bytes each (`HDF5ElementKind.bytePairs`), as little-endian numbers.
  ///
  /// - Throws: `HDF5Error` where elements have another kind, the array would be larger than `HDF5Limits.arrayBytes`, or the
  ///   file is damaged.
  public func bytePairs() throws -> [UInt16] {
    try Library.locked {
      guard elementKind == .bytePairs else {
        throw source.error(path, "has \(elementKind) elements", expected: "two opaque bytes each")
      }
      let count = try arrayCount(0..<rowCount, elementBytes: 2)
      guard count > 0 else { return [] }
      try checkChunks(0..<rowCount)
      let (memory, selection) = try select(0..<rowCount)
      return try [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
        try check(
          H5Dread(handle.id, type.handle.id, memory.id, selection.id, chdf5_default(), buffer.baseAddress!), location,
          "readable elements")
        for index in 0..<count { buffer[index] = UInt16(littleEndian: buffer[index]) }
        initialized = count
      }
    }
  }

  /// The elements in `rows`, where that many may be returned as an array.
  private func arrayCount(_ rows: Range<Int>, elementBytes: Int) throws -> Int {
    try checkRows(rows)
    let count = rows.count * rowSize
    guard let bytes = checkedProduct([count, elementBytes]), bytes <= HDF5Limits.arrayBytes else {
      throw source.error(
        path, "\(count) elements asked for at once", expected: "at most \(HDF5Limits.arrayBytes) bytes of them")
    }
    if bytes > HDF5Limits.unstoredBytes { try checkBacking(count * type.storedBytes) }
    return count
  }

  /// Chunks that were never written read as the fill value, so a few bytes may declare gigabytes. An array in memory is
  /// given only where something of its size is stored: gzip makes at most 1032 of one.
  private func checkBacking(_ byteCount: Int) throws {
    guard chunk != nil, source.byteCount != nil else { return }
    let stored = Int(clamping: Library.locked { H5Dget_storage_size(handle.id) })
    guard byteCount / 1032 <= stored else {
      throw source.error(
        path, "declares \(byteCount) bytes of data and stores \(stored)", expected: "at least a part in 1032 of it")
    }
  }

  private func checkRows(_ rows: Range<Int>) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw source.error(
        path, "rows \(rows.lowerBound)..<\(rows.upperBound) asked for", expected: "rows within 0..<\(rowCount)")
    }
  }

  /// Checks that `count` elements in memory are what `rows` holds.
  func checkTransfer(_ rows: Range<Int>, count: Int) throws {
    try checkRows(rows)
    guard count == rows.count * rowSize else {
      throw source.error(
        path, "a buffer of \(count) elements for \(rows.count) rows", expected: "\(rows.count * rowSize)")
    }
  }

  /// The dataspaces of `rows`, which must not be empty, in memory and in the file.
  func select(_ rows: Range<Int>) throws -> (memory: Handle, selection: Handle) {
    var count = hsize_t(rows.count * rowSize)
    let memory = try Handle(H5Screate_simple(1, &count, nil), location, "a dataspace")
    let selection = try Handle(H5Scopy(space.id), location, "a dataspace")
    if !shape.isEmpty {
      let starts = [hsize_t(rows.lowerBound)] + [hsize_t](repeating: 0, count: shape.count - 1)
      let counts = ([rows.count] + shape.dropFirst()).map { hsize_t($0) }
      try check(
        H5Sselect_hyperslab(selection.id, H5S_SELECT_SET, starts, nil, counts, nil), location, "selectable rows")
    }
    return (memory, selection)
  }
}
