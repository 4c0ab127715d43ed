import CHDF5

/// The chunks of a chunked dataset.
struct ChunkShape {
  let shape: [Int]
  let isFiltered: Bool
}

/// How a dataset is stored, as far as it is trusted.
struct Storage {
  private let dataset: Handle
  private let isContiguous: Bool
  let chunk: ChunkShape?

  /// - Throws: `HDF5Error` where data are kept outside the file, or pass a filter that is refused.
  init(dataset: Handle, _ location: String) throws {
    self.dataset = dataset
    let list = try Handle(H5Dget_create_plist(dataset.id), location, "readable storage settings")
    let layout = H5Pget_layout(list.id)
    isContiguous = layout == H5D_CONTIGUOUS
    switch layout {
    case H5D_COMPACT, H5D_CONTIGUOUS: chunk = nil
    case H5D_CHUNKED:
      var sizes = [hsize_t](repeating: 0, count: 32)
      let rank = Int(try check(H5Pget_chunk(list.id, 32, &sizes), location, "readable chunk sizes"))
      guard rank <= 32 else {
        throw HDF5Error(location: location, found: "has chunks of \(rank) axes", expected: "at most 32")
      }
      chunk = ChunkShape(
        shape: sizes.prefix(rank).map { Int(clamping: $0) }, isFiltered: H5Pget_nfilters(list.id) > 0)
    case H5D_VIRTUAL:
      throw HDF5Error(location: location, found: "is a virtual dataset", expected: "data inside the file")
    default:
      throw HDF5Error(
        location: location, found: "has an unknown storage layout",
        expected: "compact, contiguous or chunked storage")
    }
    guard H5Pget_external_count(list.id) == 0 else {
      throw HDF5Error(location: location, found: "has external storage", expected: "data inside the file")
    }
    try checkFilters(list, location)
  }

  /// Checks declared sizes against limits and the file.
  func verify(_ extent: Extent, elementBytes: Int, fileBytes: Int?, _ location: String) throws {
    if let chunk {
      guard chunk.shape.count == extent.shape.count, !chunk.shape.contains(0),
        let bytes = checkedProduct(chunk.shape + [elementBytes]), bytes <= HDF5Limits.chunkBytes
      else {
        throw HDF5Error(
          location: location,
          found: "declares chunks of the shape (\(chunk.shape.map(String.init).joined(separator: ", ")))",
          expected: "one size for each axis and at most \(HDF5Limits.chunkBytes) bytes")
      }
    }
    guard isContiguous, let fileBytes, extent.byteCount > 0 else { return }
    let address = UInt64(H5Dget_offset(dataset.id))
    let start = address == .max ? 0 : address
    guard start <= UInt64(fileBytes), UInt64(extent.byteCount) <= UInt64(fileBytes) - start else {
      throw HDF5Error(
        location: location, found: "declares \(extent.byteCount) bytes of data",
        expected: "at most the \(UInt64(fileBytes) - min(start, UInt64(fileBytes))) that the file has for them")
    }
  }
}

/// Plug-ins are off, yet programs may have registered filters: the list of what is let through is short.
private func checkFilters(_ list: Handle, _ location: String) throws {
  let count = try check(H5Pget_nfilters(list.id), location, "readable filters")
  var seen: Set<H5Z_filter_t> = []
  for index in 0..<UInt32(count) {
    var flags: UInt32 = 0
    var valueCount = 0
    var configuration: UInt32 = 0
    let filter = try check(
      H5Pget_filter2(list.id, index, &flags, &valueCount, nil, 0, nil, &configuration), location, "readable filters")
    guard (H5Z_FILTER_DEFLATE...H5Z_FILTER_SZIP).contains(filter), H5Zfilter_avail(filter) > 0 else {
      throw HDF5Error(
        location: location, found: "uses the filter \(filterName(filter))",
        expected: "gzip, shuffle, Fletcher-32 or, where the library has it, szip")
    }
    // Nested compression would multiply what a small file can inflate to.
    guard seen.insert(filter).inserted else {
      throw HDF5Error(
        location: location, found: "uses the filter \(filterName(filter)) twice", expected: "each filter once")
    }
  }
}

private func filterName(_ filter: H5Z_filter_t) -> String {
  let names = [1: "gzip", 2: "shuffle", 3: "Fletcher-32", 4: "szip", 5: "N-bit", 6: "scale-offset", 32000: "LZF"]
  return names[Int(filter)] ?? "number \(filter)"
}
