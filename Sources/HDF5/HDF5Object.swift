import CHDF5

/// A group or a dataset: an object that has a path and attributes.
public class HDF5Object: @unchecked Sendable {
  /// The path from the root without a leading slash, as it was requested; empty for the root.
  public let path: String

  let handle: Handle
  let source: Source

  init(handle: Handle, source: Source, path: String) {
    self.handle = handle
    self.source = source
    self.path = path
  }

  /// The text that starts an error about this object.
  public var location: String { source.location(path) }

  /// The names of the attributes, sorted by their bytes.
  ///
  /// - Throws: `HDF5Error` where there are more than `HDF5Limits.names`, or one is not UTF-8.
  public func attributeNames() throws -> [String] {
    try Library.locked {
      try names(of: "attributes", location) { context in
        H5Aiterate2(
          handle.id, H5_INDEX_NAME, H5_ITER_INC, nil, { _, name, _, context in collect(name, context) }, context)
      }
    }
  }

  /// Whether there is an attribute of this name.
  ///
  /// - Throws: `HDF5Error` where HDF5 cannot read the object.
  public func hasAttribute(_ name: String) throws -> Bool {
    try Library.locked { try check(H5Aexists(handle.id, name), location, "readable attributes") > 0 }
  }

  /// Opens an attribute.
  ///
  /// - Throws: `HDF5Error` where there is none of this name, it is larger than `HDF5Limits.attributeBytes`, or its
  ///   elements are neither numbers nor strings.
  public func attribute(_ name: String) throws -> HDF5Attribute {
    try Library.locked {
      guard try hasAttribute(name) else {
        throw source.error(path, "no attribute \"\(name)\"", expected: "an attribute of that name")
      }
      let attributeLocation = "\(location): attribute \"\(name)\""
      let attribute = try Handle(
        H5Aopen(handle.id, name, chdf5_default()), in: source.handle, attributeLocation, "a readable attribute")
      return try HDF5Attribute(handle: attribute, location: attributeLocation, file: source.handle)
    }
  }
}

/// What an iteration over names has seen.
struct NameList {
  var names: [String] = []
  var problem: String?
}

/// Runs `iterate`, an HDF5 iteration whose callback is `collect`, and returns the names it met.
func names(
  of what: String, _ location: String, _ iterate: (UnsafeMutableRawPointer) -> herr_t
) throws -> [String] {
  var list = NameList()
  let status = withUnsafeMutablePointer(to: &list) { iterate(UnsafeMutableRawPointer($0)) }
  if let problem = list.problem {
    throw HDF5Error(
      location: location, found: "\(what) include \(problem)",
      expected: "at most \(HDF5Limits.names) names in UTF-8")
  }
  try check(status, location, "readable \(what)")
  return list.names
}

/// Takes one name; a negative result ends the iteration.
func collect(_ name: UnsafePointer<CChar>?, _ context: UnsafeMutableRawPointer?) -> herr_t {
  guard let list = context?.assumingMemoryBound(to: NameList.self), let name else { return -1 }
  guard let text = String(validatingCString: name) else {
    list.pointee.problem = "a name that is not UTF-8"
    return -1
  }
  guard list.pointee.names.count < HDF5Limits.names else {
    list.pointee.problem = "more than \(HDF5Limits.names) names"
    return -1
  }
  list.pointee.names.append(text)
  return 0
}
