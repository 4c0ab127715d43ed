import CHDF5

/// Reads `extent.count` strings of any padding and length; `transfer` is the HDF5 call, given the memory type and place.
///
/// Bytes must be UTF-8 whatever character set the file declares: ASCII is a part of it.
func readStrings(
  _ type: ElementType, _ extent: Extent, space: Handle, _ location: String,
  _ transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws -> [String] {
  // Keras writes an empty list of names as zero doubles.
  guard extent.count > 0 else { return [] }
  guard type.kind == .string else {
    throw HDF5Error(location: location, found: "has \(type.kind) elements", expected: "strings")
  }
  if try type.isVariable(location) {
    return try readVariableStrings(type, extent, space, location, transfer)
  }
  let padding = H5Tget_strpad(type.handle.id)
  let bytes = try [UInt8](unsafeUninitializedCapacity: extent.byteCount) { buffer, count in
    guard let start = buffer.baseAddress else { return }
    buffer.initialize(repeating: 0)
    try check(transfer(type.handle.id, start), location, "readable strings")
    count = extent.byteCount
  }
  return try (0..<extent.count).map { index in
    try text(unpad(bytes[index * type.byteCount..<(index + 1) * type.byteCount], padding), location)
  }
}

private func readVariableStrings(
  _ type: ElementType, _ extent: Extent, _ space: Handle, _ location: String,
  _ transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws -> [String] {
  let memoryType = try Handle(H5Tcopy(chdf5_c_string()), location, "a string type")
  try check(H5Tset_size(memoryType.id, chdf5_variable()), location, "a string type")
  try check(H5Tset_cset(memoryType.id, H5Tget_cset(type.handle.id)), location, "a string type")
  var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: extent.count)
  return try pointers.withUnsafeMutableBytes { memory in
    guard let start = memory.baseAddress else { return [] }
    // Also after a failed read: HDF5 may have allocated some of the strings.
    defer { _ = chdf5_reclaim(memoryType.id, space.id, start) }
    try check(transfer(memoryType.id, start), location, "readable strings")
    return try memory.bindMemory(to: UnsafeMutablePointer<CChar>?.self).map { pointer in
      guard let pointer else { return "" }
      guard let string = String(validatingCString: pointer) else { throw notUTF8(location) }
      return string
    }
  }
}

private func unpad(_ bytes: ArraySlice<UInt8>, _ padding: H5T_str_t) -> ArraySlice<UInt8> {
  switch padding {
  case H5T_STR_NULLTERM: bytes.prefix { $0 != 0 }
  case H5T_STR_SPACEPAD: bytes.prefix(through: (bytes.lastIndex { $0 != 0x20 } ?? bytes.startIndex - 1))
  default: bytes.prefix(through: (bytes.lastIndex { $0 != 0 } ?? bytes.startIndex - 1))
  }
}

private func text(_ bytes: ArraySlice<UInt8>, _ location: String) throws -> String {
  guard let string = String(validating: bytes, as: UTF8.self) else { throw notUTF8(location) }
  return string
}

private func notUTF8(_ location: String) -> HDF5Error {
  HDF5Error(location: location, found: "a string that is not UTF-8", expected: "UTF-8")
}
