import CHDF5

extension HDF5Group {
  /// Creates the groups along `path` that do not exist yet; returns the last.
  ///
  /// - Throws: `HDF5Error` where the file is open for reading, or a name is taken by something else.
  @discardableResult
  public func createGroup(_ path: String) throws -> HDF5Group {
    try Library.locked {
      try source.checkWritable()
      var group = path.hasPrefix("/") ? try rootGroup() : self
      for name in components(path) {
        let inner = group.absolute(name)
        if try group.hasLink(name) {
          group = try group.group(name)
          continue
        }
        let creation = try creationList(chdf5_group_create(), source.location(inner))
        let made = try Handle(
          H5Gcreate2(group.handle.id, name, chdf5_default(), creation.id, chdf5_default()), in: source.handle,
          source.location(inner), "a group that can be created")
        group = HDF5Group(handle: made, source: source, path: inner)
      }
      return group
    }
  }

  /// Creates a dataset, and the groups on the way to it; its rows are written afterwards.
  ///
  /// - Parameters:
  ///   - path: Where; nothing may be there yet.
  ///   - shape: The size of each axis, at most 32 of them; empty for a single value.
  ///   - type: The number type it is stored as.
  ///   - gzip: nil stores it contiguously; otherwise chunks of rows pass shuffle and gzip.
  /// - Throws: `HDF5Error` where the file is open for reading, a size is negative or over `HDF5Limits`, or HDF5 fails.
  public func createDataset<Element: HDF5Number>(
    _ path: String, shape: [Int], of type: Element.Type, gzip: HDF5Gzip? = nil
  ) throws -> HDF5Dataset {
    try Library.locked {
      try source.checkWritable()
      let location = source.location(absolute(path))
      guard let name = components(path).last else {
        throw HDF5Error(location: location, found: "no name for a dataset", expected: "a name")
      }
      guard shape.count <= 32, shape.allSatisfy({ $0 >= 0 }),
        let bytes = checkedProduct(shape.map { max($0, 1) } + [MemoryLayout<Element>.size]),
        bytes <= HDF5Limits.datasetBytes
      else {
        throw HDF5Error(
          location: location, found: "the shape (\(shape.map(String.init).joined(separator: ", ")))",
          expected: "at most 32 sizes, none negative, and \(HDF5Limits.datasetBytes) bytes")
      }
      let parent = try createGroup(
        (path.hasPrefix("/") ? "/" : "") + components(path).dropLast().joined(separator: "/"))
      let space = try Handle(
        shape.isEmpty
          ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil),
        location, "a dataspace")
      let creation = try creationList(chdf5_dataset_create(), location)
      try gzip?.apply(to: creation, shape: shape, elementBytes: MemoryLayout<Element>.size, location)
      let made = try Handle(
        H5Dcreate2(
          parent.handle.id, name, Element.hdf5Storage.fileType, space.id, chdf5_default(), creation.id,
          chdf5_default()), in: source.handle, location, "a dataset that can be created")
      return try HDF5Dataset(opening: made, source: source, path: absolute(path))
    }
  }

  /// Creates a dataset and writes all of it; `values` are in row-major order, as many as `shape` says.
  ///
  /// - Throws: `HDF5Error` as `createDataset` and `HDF5Dataset.write(rows:from:)` do.
  public func write<Element: HDF5Number>(
    _ values: [Element], shape: [Int], to path: String, gzip: HDF5Gzip? = nil
  ) throws {
    let dataset = try createDataset(path, shape: shape, of: Element.self, gzip: gzip)
    try values.withUnsafeBufferPointer { try dataset.write(rows: 0..<dataset.rowCount, from: $0) }
  }
}

extension HDF5Dataset {
  /// Writes a range of rows from `buffer`, (rows, other axes) in row-major order.
  ///
  /// - Parameters:
  ///   - rows: Within `0..<rowCount`.
  ///   - buffer: Of `rows.count * rowSize` elements, of the type that the dataset was created with.
  /// - Throws: `HDF5Error` where the file is open for reading, the range, the buffer or the type does not fit, or the
  ///   disk is full.
  public func write<Element: HDF5Number>(rows: Range<Int>, from buffer: UnsafeBufferPointer<Element>) throws {
    try Library.locked {
      try source.checkWritable()
      try checkTransfer(rows, count: buffer.count)
      guard elementKind == Element.hdf5Storage.elementKind else {
        throw source.error(
          path, "\(Element.hdf5Storage.elementKind) elements to write", expected: "\(elementKind) elements")
      }
      guard let start = buffer.baseAddress, !buffer.isEmpty else { return }
      let (memory, selection) = try select(rows)
      try check(
        H5Dwrite(handle.id, Element.hdf5Storage.memoryType, memory.id, selection.id, chdf5_default(), start),
        location, "an open file and room for it on the disk")
    }
  }
}

extension HDF5Dataset {
  /// Replaces all numbers of a dataset of floats of any width, each rounded to the nearest.
  ///
  /// - Throws: `HDF5Error` where the file is not open for updating, elements are no floats, their number is another one, or
  ///   the disk is full.
  public func replace(with values: [Float]) throws {
    try Library.locked {
      guard source.isUpdated else {
        throw source.error(path, "in a file open for reading", expected: "a file that is being updated")
      }
      try checkTransfer(0..<rowCount, count: values.count)
      if elementKind == .bytePairs { return try replaceBytePairs(with: values.map(\.bfloat16)) }
      guard case .float = elementKind else {
        throw source.error(path, "has \(elementKind) elements", expected: "floats")
      }
      guard !values.isEmpty else { return }
      let (memory, selection) = try select(0..<rowCount)
      try check(
        H5Dwrite(handle.id, chdf5_native_float(), memory.id, selection.id, chdf5_default(), values), location,
        "room for it on the disk")
    }
  }
}

extension HDF5Dataset {
  private func replaceBytePairs(with values: [UInt16]) throws {
    guard !values.isEmpty else { return }
    let (memory, selection) = try select(0..<rowCount)
    try check(
      H5Dwrite(
        handle.id, type.handle.id, memory.id, selection.id, chdf5_default(), values.map(\.littleEndian)), location,
      "room for it on the disk")
  }
}

extension Float {
  /// The nearest bfloat16, the upper half of a float's bits; of two as near, the even one. Not a number stays so.
  fileprivate var bfloat16: UInt16 {
    guard !isNaN else { return UInt16(bitPattern >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) >> 16)
  }
}

/// Storage in chunks of rows, each through the shuffle and gzip filters.
public struct HDF5Gzip: Equatable, Sendable {
  /// Rows in one chunk, 1 or more; a chunk is at most the whole dataset.
  public var chunkRows: Int
  /// 1 (fast) ... 9 (small).
  public var level: Int

  /// - Parameters:
  ///   - chunkRows: 1 or more.
  ///   - level: 1...9.
  public init(chunkRows: Int, level: Int = 4) {
    self.chunkRows = chunkRows
    self.level = level
  }

  func apply(to creation: Handle, shape: [Int], elementBytes: Int, _ location: String) throws {
    guard let rows = shape.first, !shape.contains(0), (1...9).contains(level), chunkRows >= 1,
      case let chunk = [min(chunkRows, rows)] + shape.dropFirst(),
      let bytes = checkedProduct(chunk + [elementBytes]), bytes <= HDF5Limits.chunkBytes
    else {
      throw HDF5Error(
        location: location, found: "gzip at level \(level) in chunks of \(chunkRows) rows",
        expected: "level 1 to 9, 1 or more rows, and chunks of 1 to \(HDF5Limits.chunkBytes) bytes")
    }
    try check(
      H5Pset_chunk(creation.id, Int32(chunk.count), chunk.map { hsize_t($0) }), location, "chunk settings")
    try check(H5Pset_shuffle(creation.id), location, "the shuffle filter")
    try check(H5Pset_deflate(creation.id, UInt32(level)), location, "the gzip filter")
  }
}

extension Source {
  func checkWritable() throws {
    guard byteCount == nil else {
      throw HDF5Error(location: path, found: "open for reading", expected: "a file that is being created")
    }
  }
}
