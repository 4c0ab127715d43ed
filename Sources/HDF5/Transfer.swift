import CHDF5

/// Moves numbers from the file into memory, with the conversion they need.
///
/// - `Float` and `Double` take any number: HDF5 rounds to the nearest, and what is too large becomes infinite.
/// - `Int64` takes any number that it can hold exactly; another is an error, never a cut-off value.
/// - `UInt8` takes bytes alone.
///
/// - Parameter transfer: the HDF5 call, given the type in memory and where to put the elements.
func readNumbers<Element: HDF5Number>(
  as kind: HDF5ElementKind, into buffer: UnsafeMutableBufferPointer<Element>, _ location: String,
  _ transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws {
  guard let start = buffer.baseAddress, !buffer.isEmpty else { return }
  func mismatch(_ expected: String) -> HDF5Error {
    HDF5Error(location: location, found: "has \(kind) elements", expected: expected)
  }
  func run(_ memoryType: hid_t) throws { try check(transfer(memoryType, start), location, "readable elements") }

  switch (Element.hdf5Storage, kind) {
  case (_, .string), (_, .other), (_, .bytePairs): throw mismatch("numbers")
  case (.float32, _), (.float64, _), (.uint8, .unsignedInteger(bits: 8)): try run(Element.hdf5Storage.memoryType)
  case (.uint8, _): throw mismatch("8-bit unsigned integer elements")
  case (.int64, .float):
    // Doubles are as wide as the requested integers, so the same memory serves for both.
    try run(chdf5_native_double())
    try makeExact(UnsafeMutableRawPointer(start), from: Double.self, count: buffer.count, location) {
      Int64(exactly: $0)
    }
  case (.int64, .unsignedInteger(bits: 64)):
    try run(chdf5_native_uint64())
    try makeExact(UnsafeMutableRawPointer(start), from: UInt64.self, count: buffer.count, location) {
      Int64(exactly: $0)
    }
  case (.int64, _): try run(chdf5_native_int64())
  }
}

private func makeExact<Wide: BitwiseCopyable>(
  _ memory: UnsafeMutableRawPointer, from type: Wide.Type, count: Int, _ location: String, _ convert: (Wide) -> Int64?
) throws {
  for index in 0..<count {
    let wide = memory.load(fromByteOffset: index * 8, as: Wide.self)
    guard let value = convert(wide) else {
      throw HDF5Error(location: location, found: "element \(index) read is \(wide)", expected: "integers of 64 bits")
    }
    memory.storeBytes(of: value, toByteOffset: index * 8, as: Int64.self)
  }
}
