import CHDF5

/// The chunks of a chunked dataset.
struct ChunkShape {
  let shape: [Int]
  /// In the order in which they were applied, each at most once.
  let filters: [H5Z_filter_t]
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
        shape: sizes.prefix(rank).map { Int(clamping: $0) }, filters: try acceptedFilters(list, location))
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
  }

  /// Checks declared sizes against limits and the file.
  ///
  /// - Parameters:
  ///   - storedBytes: Bytes of one element in the file.
  ///   - fileBytes: Those of the whole file; nil skips what is stored, in a file that is being written.
  func verify(_ extent: Extent, storedBytes: Int, fileBytes: Int?, _ location: String) throws {
    if let chunk {
      guard chunk.shape.count == extent.shape.count, !chunk.shape.contains(0),
        let bytes = checkedProduct(chunk.shape + [storedBytes]), bytes <= HDF5Limits.chunkBytes
      else {
        throw HDF5Error(
          location: location,
          found: "declares chunks of the shape (\(chunk.shape.map(String.init).joined(separator: ", ")))",
          expected: "one size for each axis and at most \(HDF5Limits.chunkBytes) bytes")
      }
    }
    guard chunk == nil, extent.count > 0, let fileBytes else { return }
    // HDF5 1.10 trusts that what is stored is as large as the shape says.
    let bytes = extent.count * storedBytes
    let stored = H5Dget_storage_size(dataset.id)
    let address = isContiguous ? UInt64(H5Dget_offset(dataset.id)) : 0
    let isUnwritten = address == .max
    guard isUnwritten || bytes <= stored else {
      throw HDF5Error(
        location: location, found: "declares \(bytes) bytes of data and stores \(stored)",
        expected: "as many as it declares")
    }
    let room = max(0, fileBytes - (isUnwritten ? 0 : Int(clamping: address)))
    guard bytes <= room else {
      throw HDF5Error(
        location: location, found: "declares \(bytes) bytes of data",
        expected: "at most the \(room) that the file has for them")
    }
  }
}

/// Plug-ins are off, yet programs may have registered filters: the list of what is let through is short. Szip is not on
/// it, since it allocates as much as the stored bytes ask for.
private func acceptedFilters(_ list: Handle, _ location: String) throws -> [H5Z_filter_t] {
  let count = try check(H5Pget_nfilters(list.id), location, "readable filters")
  var filters: [H5Z_filter_t] = []
  for index in 0..<UInt32(count) {
    var flags: UInt32 = 0
    var valueCount = 0
    var configuration: UInt32 = 0
    let filter = try check(
      H5Pget_filter2(list.id, index, &flags, &valueCount, nil, 0, nil, &configuration), location, "readable filters")
    guard [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32, LZFFilter.number].contains(filter) else {
      throw HDF5Error(
        location: location, found: "uses the filter \(filterName(filter))",
        expected: "gzip, LZF, shuffle or Fletcher-32")
    }
    // Nested compression would multiply what a small file can inflate to.
    guard !filters.contains(filter) else {
      throw HDF5Error(
        location: location, found: "uses the filter \(filterName(filter)) twice", expected: "each filter once")
    }
    filters.append(filter)
  }
  guard !filters.contains(H5Z_FILTER_DEFLATE) || !filters.contains(LZFFilter.number) else {
    throw HDF5Error(location: location, found: "uses the filters gzip and LZF", expected: "one of the two")
  }
  return filters
}

private func filterName(_ filter: H5Z_filter_t) -> String {
  let names = [1: "gzip", 2: "shuffle", 3: "Fletcher-32", 4: "szip", 5: "N-bit", 6: "scale-offset", 32000: "LZF"]
  return names[Int(filter)] ?? "number \(filter)"
}
