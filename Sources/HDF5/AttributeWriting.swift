import CHDF5

extension HDF5Object {
  /// Writes strings as a one-dimensional attribute of fixed-length, null-padded strings, as Keras does for the names of
  /// layers and weights. HDF5 keeps at most 64 KiB of it: longer lists have to be split by the caller.
  ///
  /// - Throws: `HDF5Error` where the file is open for reading, the name is taken, or the attribute is too large.
  public func writeAttribute(_ name: String, _ strings: [String]) throws {
    let width = max(1, strings.map(\.utf8.count).max() ?? 0)
    let isASCII = strings.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    var bytes = [UInt8](repeating: 0, count: max(1, width * strings.count))
    for (index, string) in strings.enumerated() {
      bytes.replaceSubrange(index * width..<index * width + string.utf8.count, with: string.utf8)
    }
    try Library.locked {
      let type = try stringType(size: width, isASCII ? H5T_CSET_ASCII : H5T_CSET_UTF8)
      try check(H5Tset_strpad(type.id, H5T_STR_NULLPAD), location, "a string type")
      var count = hsize_t(strings.count)
      let space = try Handle(H5Screate_simple(1, &count, nil), location, "a dataspace")
      try write(name, type.id, type.id, space, bytes)
    }
  }

  /// Writes one string as a scalar attribute of variable length in UTF-8, as h5py does; its length is not limited.
  ///
  /// - Throws: `HDF5Error` where the file is open for reading, the name is taken, or the string contains a null.
  public func writeAttribute(_ name: String, _ string: String) throws {
    guard !string.utf8.contains(0) else {
      throw HDF5Error(location: location, found: "a null in the text of \"\(name)\"", expected: "none")
    }
    try Library.locked {
      let type = try stringType(size: chdf5_variable(), H5T_CSET_UTF8)
      let space = try Handle(H5Screate(H5S_SCALAR), location, "a dataspace")
      try string.withCString { text in
        try withUnsafePointer(to: text) { try write(name, type.id, type.id, space, $0) }
      }
    }
  }

  /// Writes one number as a scalar attribute.
  ///
  /// - Throws: `HDF5Error` where the file is open for reading or the name is taken.
  public func writeAttribute<Element: HDF5Number>(_ name: String, _ number: Element) throws {
    try Library.locked {
      let space = try Handle(H5Screate(H5S_SCALAR), location, "a dataspace")
      let storage = Element.hdf5Storage
      try withUnsafePointer(to: number) { try write(name, storage.fileType, storage.memoryType, space, $0) }
    }
  }

  private func stringType(size: Int, _ characters: H5T_cset_t) throws -> Handle {
    let type = try Handle(H5Tcopy(chdf5_c_string()), location, "a string type")
    try check(H5Tset_size(type.id, size), location, "a string type")
    try check(H5Tset_cset(type.id, characters), location, "a string type")
    return type
  }

  private func write(
    _ name: String, _ fileType: hid_t, _ memoryType: hid_t, _ space: Handle, _ value: UnsafeRawPointer
  ) throws {
    try source.checkWritable()
    let attributeLocation = "\(location): attribute \"\(name)\""
    let attribute = try Handle(
      H5Acreate2(handle.id, name, fileType, space.id, chdf5_default(), chdf5_default()), in: source.handle,
      attributeLocation, "a new attribute of at most 64 KiB")
    try check(H5Awrite(attribute.id, memoryType, value), attributeLocation, "room for it on the disk")
  }
}
