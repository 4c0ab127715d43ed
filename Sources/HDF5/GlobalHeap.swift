import CHDF5
import Glibc

/// The strings of variable length in a file (HDF5 File Format Specification, section III.E), every bound checked.
struct GlobalHeap {
  private let descriptor: Int32
  private let baseAddress: UInt64
  private let fileBytes: UInt64
  private let location: String
  private var collections: [UInt64: Collection] = [:]
  private var loadedBytes: UInt64 = 0

  private struct Collection {
    var bytes: [UInt8]
    var objects: [UInt16: Range<Int>]
  }

  /// - Parameter file: an open file, on a file descriptor as is HDF5's default.
  init(file: Handle, _ location: String) throws {
    let access = try Handle(H5Fget_access_plist(file.id), location, "readable file settings")
    let creation = try Handle(H5Fget_create_plist(file.id), location, "readable file settings")
    // What was written so far has to be in the file to be read from it; a file open for reading has nothing to write.
    try check(H5Fflush(file.id, H5F_SCOPE_LOCAL), location, "room on the disk")
    var pointer: UnsafeMutableRawPointer?
    try check(H5Fget_vfd_handle(file.id, access.id, &pointer), location, "a file descriptor")
    var userBlock: hsize_t = 0
    try check(H5Pget_userblock(creation.id, &userBlock), location, "readable file settings")
    var status = stat()
    guard let pointer, case let descriptor = pointer.load(as: Int32.self), fstat(descriptor, &status) == 0 else {
      throw HDF5Error(location: location, found: "no file descriptor", expected: "an open file")
    }
    self.descriptor = descriptor
    self.location = location
    baseAddress = UInt64(userBlock)
    fileBytes = UInt64(status.st_size)
  }

  /// The bytes of a string; none for a reference to nothing.
  mutating func bytes(_ reference: HeapReference) throws -> ArraySlice<UInt8> {
    guard reference.length > 0, reference.address != 0, reference.address != .max else { return [] }
    let collection = try collection(at: reference.address)
    guard let index = UInt16(exactly: reference.index), let object = collection.objects[index],
      reference.length <= object.count
    else {
      throw damaged("a string of \(reference.length) bytes at number \(reference.index) of a heap without it")
    }
    return collection.bytes[object.prefix(Int(reference.length))]
  }

  private mutating func collection(at address: UInt64) throws -> Collection {
    if let known = collections[address] { return known }
    let (start, overflow) = baseAddress.addingReportingOverflow(address)
    guard !overflow, start < fileBytes, let header = read(16, at: start), header.starts(with: Array("GCOL".utf8)) else {
      throw damaged("strings at address \(address), where no heap is")
    }
    let size = unsigned(header[8..<16])
    // Collections may not overlap, so that all of them are at most the file.
    guard size >= 16, size <= fileBytes - start, loadedBytes + size <= fileBytes,
      size <= UInt64(HDF5Limits.attributeBytes), let bytes = read(Int(size), at: start)
    else {
      throw damaged("a heap of \(size) bytes at address \(address)")
    }
    loadedBytes += size
    let collection = Collection(bytes: bytes, objects: objects(in: bytes))
    collections[address] = collection
    return collection
  }

  /// Index, reference count, 4 reserved bytes and size, then the object itself, padded to 8 bytes; index 0 is free space.
  private func objects(in bytes: [UInt8]) -> [UInt16: Range<Int>] {
    var objects: [UInt16: Range<Int>] = [:]
    var start = 16
    while bytes.count - start >= 16 {
      let index = UInt16(unsigned(bytes[start..<start + 2]))
      let size = unsigned(bytes[start + 8..<start + 16])
      start += 16
      guard index > 0, size <= UInt64(bytes.count - start) else { break }
      objects[index] = start..<start + Int(size)
      start += min((Int(size) + 7) / 8 * 8, bytes.count - start)
    }
    return objects
  }

  private func read(_ count: Int, at offset: UInt64) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = max(0, pread(descriptor, buffer.baseAddress, count, Int(offset)))
    }
    return bytes.count == count ? bytes : nil
  }

  private func unsigned(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  private func damaged(_ found: String) -> HDF5Error {
    HDF5Error(location: location, found: found, expected: "an intact HDF5 file")
  }
}
