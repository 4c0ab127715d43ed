import CHDF5

/// Reads `extent.count` strings of any padding and length; `transfer` is the HDF5 call, given the memory type and place.
///
/// Bytes must be UTF-8 whatever character set the file declares: ASCII is a part of it.
func readStrings(
  _ type: ElementType, _ extent: Extent, file: Handle, _ location: String,
  _ transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws -> [String] {
  // Keras writes an empty list of names as zero doubles.
  guard extent.count > 0 else { return [] }
  guard type.kind == .string else {
    throw HDF5Error(location: location, found: "has \(type.kind) elements", expected: "strings")
  }
  if type.isVariable {
    return try readVariableStrings(type, extent, file, location, transfer)
  }
  let padding = H5Tget_strpad(type.handle.id)
  let bytes = try [UInt8](unsafeUninitializedCapacity: extent.byteCount) { buffer, count in
    guard let start = buffer.baseAddress else { return }
    buffer.initialize(repeating: 0)
    try check(transfer(type.handle.id, start), location, "readable strings")
    count = extent.byteCount
  }
  return try (0..<extent.count).map { index in
    try text(unpad(bytes[index * type.storedBytes..<(index + 1) * type.storedBytes], padding), location)
  }
}

private func readVariableStrings(
  _ type: ElementType, _ extent: Extent, _ file: Handle, _ location: String,
  _ transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws -> [String] {
  let references = try readReferences(type, count: extent.count, location, transfer)
  // Many references may name the same bytes.
  guard references.reduce(0, { $0 + Int($1.length) }) <= HDF5Limits.attributeBytes else {
    throw HDF5Error(
      location: location, found: "declares more than \(HDF5Limits.attributeBytes) bytes of strings",
      expected: "at most that many")
  }
  var heap = try GlobalHeap(file: file, location)
  return try references.map { reference in
    // A null ends the string, as it does for every program that reads it with HDF5.
    try text(heap.bytes(reference).prefix { $0 != 0 }, location)
  }
}

private func unpad(_ bytes: ArraySlice<UInt8>, _ padding: H5T_str_t) -> ArraySlice<UInt8> {
  if padding == H5T_STR_NULLTERM { return bytes.prefix { $0 != 0 } }
  let pad: UInt8 = padding == H5T_STR_SPACEPAD ? 0x20 : 0
  return bytes[..<(bytes.lastIndex { $0 != pad }.map { $0 + 1 } ?? bytes.startIndex)]
}

private func text(_ bytes: ArraySlice<UInt8>, _ location: String) throws -> String {
  guard let string = String(validating: bytes, as: UTF8.self) else { throw notUTF8(location) }
  return string
}

private func notUTF8(_ location: String) -> HDF5Error {
  HDF5Error(location: location, found: "a string that is not UTF-8", expected: "UTF-8")
}
