import CHDF5

/// A dataset: an array of numbers or strings, read in ranges of rows, that is along its first axis.
///
/// Opening it refuses storage in other files, virtual datasets, filters that are not built into HDF5, elements that
/// are neither numbers nor strings, and sizes over `HDF5Limits` or beyond the file. Any layout inside the file, any
/// byte order and any width of number is read.
public final class HDF5Dataset: HDF5Object, @unchecked Sendable {
  /// The size of each axis, the first being the rows; empty for a single value, `[0]` for none.
  public let shape: [Int]
  /// What the elements are.
  public let elementKind: HDF5ElementKind

  let type: ElementType
  let space: Handle
  let extent: Extent
  let chunk: ChunkShape?
  /// First rows of the chunks that `checkChunks` has seen; used inside `Library.locked` alone.
  var checkedRows: Set<Int> = []

  /// The number of rows; a dataset that is a single value has one.
  public var rowCount: Int { shape.first ?? 1 }
  /// Elements in one row: the product of the other axes.
  public let rowSize: Int

  init(opening handle: Handle, source: Source, path: String) throws {
    let location = source.location(path)
    let storage = try Storage(dataset: handle, location)
    type = try ElementType(
      Handle(H5Dget_type(handle.id), in: source.handle, location, "a readable type"), location)
    space = try Handle(H5Dget_space(handle.id), in: source.handle, location, "a readable shape")
    extent = try Extent(
      space: space.id, elementBytes: type.storedBytes, limit: HDF5Limits.datasetBytes, location)
    try storage.verify(extent, storedBytes: type.storedBytes, fileBytes: source.byteCount, location)
    chunk = storage.chunk
    shape = extent.shape
    rowSize = extent.shape.dropFirst().reduce(1, *)
    elementKind = type.kind
    super.init(handle: handle, source: source, path: path)
  }
}
