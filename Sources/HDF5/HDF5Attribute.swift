import CHDF5

/// An attribute of a group or dataset: a few numbers or strings.
public final class HDF5Attribute: Sendable {
  /// Empty for a single value; `[0]` for an attribute without one.
  public let shape: [Int]
  /// What the elements are.
  public let elementKind: HDF5ElementKind

  private let handle: Handle
  private let location: String
  private let type: ElementType
  private let file: Handle
  private let extent: Extent

  init(handle: Handle, location: String, file: Handle) throws {
    self.handle = handle
    self.location = location
    self.file = file
    type = try ElementType(
      Handle(H5Aget_type(handle.id), in: file, location, "a readable type"), location)
    let space = try Handle(H5Aget_space(handle.id), in: file, location, "a readable shape")
    extent = try Extent(
      space: space.id, elementBytes: type.storedBytes, limit: HDF5Limits.attributeBytes, location)
    shape = extent.shape
    elementKind = type.kind
  }

  /// All strings, in row-major order. An attribute with no elements gives none, whatever their kind: Keras writes an
  /// empty list of names as zero doubles.
  ///
  /// - Throws: `HDF5Error` where elements are not strings, or one is not UTF-8.
  public func strings() throws -> [String] {
    try Library.locked {
      try readStrings(type, extent, file: file, location) { H5Aread(handle.id, $0, $1) }
    }
  }

  /// All numbers, in row-major order, converted as `HDF5Dataset` does.
  ///
  /// - Throws: `HDF5Error` where elements are not numbers, or one has no exact value as the requested integer.
  public func numbers<Element: HDF5Number>(_: Element.Type = Element.self) throws -> [Element] {
    try Library.locked {
      try [Element](unsafeUninitializedCapacity: extent.count) { buffer, count in
        let slots = UnsafeMutableBufferPointer(rebasing: buffer.prefix(extent.count))
        try readNumbers(as: elementKind, into: slots, location) { H5Aread(handle.id, $0, $1) }
        count = extent.count
      }
    }
  }

  /// The one string.
  ///
  /// - Throws: `HDF5Error` where there is another number of elements than 1, or as `strings()` does.
  public func string() throws -> String { try single(strings()) }

  /// The one number.
  ///
  /// - Throws: `HDF5Error` where there is another number of elements than 1, or as `numbers(_:)` does.
  public func number<Element: HDF5Number>(_ type: Element.Type = Element.self) throws -> Element {
    try single(numbers(type))
  }

  private func single<Element>(_ elements: [Element]) throws -> Element {
    guard elements.count == 1 else {
      throw HDF5Error(location: location, found: "has \(elements.count) elements", expected: "one")
    }
    return elements[0]
  }
}
