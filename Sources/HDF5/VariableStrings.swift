import CHDF5

/// Where a file keeps one string of variable length: element `index` of the global heap collection at `address`.
struct HeapReference {
  let length: UInt32
  let address: UInt64
  let index: UInt32
}

/// The references that `collectReferences` has met; used inside `Library.locked` alone.
nonisolated(unsafe) private var collected: [HeapReference] = []

/// Reads the references to `count` strings; `transfer` is the HDF5 call that would read the strings.
///
/// HDF5 (1.10.8 at least) follows such references without checking them, so that a damaged file ends the process.
/// Hence this takes the place of its conversion for as long as `transfer` runs, keeps the references and lets HDF5 give
/// null pointers, which are dropped; `GlobalHeap` follows the references with every bound checked.
func readReferences(
  _ type: ElementType, count: Int, _ location: String, _ transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws -> [HeapReference] {
  let memoryType = try Handle(H5Tcopy(chdf5_c_string()), location, "a string type")
  try check(H5Tset_size(memoryType.id, chdf5_variable()), location, "a string type")
  try check(H5Tset_cset(memoryType.id, H5Tget_cset(type.handle.id)), location, "a string type")

  let name = "references"
  collected = []
  defer { collected = [] }
  try check(
    H5Tregister(H5T_PERS_SOFT, name, memoryType.id, memoryType.id, collectReferences), location,
    "a conversion of strings")
  defer { H5Tunregister(H5T_PERS_SOFT, name, memoryType.id, memoryType.id, collectReferences) }
  var pointers = [UInt](repeating: 0, count: count)
  try check(transfer(memoryType.id, &pointers), location, "readable strings")
  guard collected.count == count else {
    throw HDF5Error(
      location: location, found: "\(collected.count) references to strings", expected: "\(count)")
  }
  return collected
}

/// An HDF5 conversion: takes `count` references of 16 bytes from `buffer` and puts as many null pointers there.
private func collectReferences(
  source: hid_t, destination: hid_t, command: UnsafeMutablePointer<H5T_cdata_t>?, count: Int, stride: Int,
  backgroundStride: Int, buffer: UnsafeMutableRawPointer?, background: UnsafeMutableRawPointer?, transfer: hid_t
) -> herr_t {
  guard let command else { return -1 }
  switch command.pointee.command {
  case H5T_CONV_INIT:
    command.pointee.need_bkg = H5T_BKG_NO
    // From the file, with addresses of 8 bytes, to pointers; the other direction is left to HDF5.
    let isReading = H5Tget_size(source) == 16 && H5Tget_size(destination) == MemoryLayout<UInt>.size
    return isReading ? 0 : -1
  case H5T_CONV_CONV:
    guard let buffer, count > 0 else { return 0 }
    for index in 0..<count {
      let reference = buffer + index * (stride == 0 ? 16 : stride)
      collected.append(
        HeapReference(
          length: UInt32(littleEndian: reference.loadUnaligned(as: UInt32.self)),
          address: UInt64(littleEndian: reference.loadUnaligned(fromByteOffset: 4, as: UInt64.self)),
          index: UInt32(littleEndian: reference.loadUnaligned(fromByteOffset: 12, as: UInt32.self))))
    }
    // Pointers are smaller: all references have been read before the first is overwritten.
    for index in 0..<count {
      buffer.storeBytes(of: 0, toByteOffset: index * (stride == 0 ? MemoryLayout<UInt>.size : stride), as: UInt.self)
    }
    return 0
  default: return 0
  }
}
