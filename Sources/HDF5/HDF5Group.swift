import CHDF5

/// A group: named links to groups and datasets.
///
/// Paths have components separated by slashes and start at this group, or at the root with a leading slash.
public final class HDF5Group: HDF5Object, @unchecked Sendable {
  /// What a name in a group stands for.
  public enum Kind: Equatable, Sendable {
    /// A group.
    case group
    /// A dataset.
    case dataset
    /// Something else, which cannot be opened here; described in a few words.
    case other(String)
  }

  /// The names of this group's links, sorted by their bytes.
  ///
  /// - Throws: `HDF5Error` where there are more than `HDF5Limits.names`, or one is not UTF-8.
  public func childNames() throws -> [String] {
    try Library.locked {
      try names(of: "links", location) { context in
        chdf5_each_link(handle.id, { name, context in collect(name, context) }, context)
      }
    }
  }

  /// Whether something exists at `path`; a soft link that leads nowhere counts as nothing.
  ///
  /// - Throws: `HDF5Error` where the path meets a link that is refused or a loop of soft links.
  public func hasLink(_ path: String) throws -> Bool {
    try Library.locked {
      switch try resolve(path) {
      case .missing: false
      case .object: true
      case .refused(let kind): throw refusal(path, kind)
      }
    }
  }

  /// What is at `path`. A link out of the file, or of a kind that a program defined, is `.other`, not an error.
  ///
  /// - Throws: `HDF5Error` where there is nothing, or the path before its last component cannot be followed.
  public func kind(of path: String) throws -> Kind {
    try Library.locked {
      switch try resolve(path) {
      case .missing: throw missing(path, expected: "an object of that name")
      case .object(let object): kind(object)
      case .refused(let kind): .other(kind)
      }
    }
  }

  /// Opens the group at `path`.
  ///
  /// - Throws: `HDF5Error` where there is none, or the path meets a link that is refused or a loop of soft links.
  public func group(_ path: String) throws -> HDF5Group {
    try Library.locked {
      HDF5Group(handle: try open(path, .group, "a group"), source: source, path: absolute(path))
    }
  }

  /// Opens the dataset at `path` and checks how it is stored; see `HDF5Dataset`.
  ///
  /// - Throws: `HDF5Error` where there is none, it is stored in a way that is refused, its size is over a limit or more
  ///   than the file has, or the path meets a link that is refused or a loop of soft links.
  public func dataset(_ path: String) throws -> HDF5Dataset {
    try Library.locked {
      try HDF5Dataset(opening: try open(path, .dataset, "a dataset"), source: source, path: absolute(path))
    }
  }

  func rootGroup() throws -> HDF5Group { try source.root() }

  private func open(_ path: String, _ expected: Kind, _ words: String) throws -> Handle {
    let found: Handle
    switch try resolve(path) {
    case .missing: throw missing(path, expected: words)
    case .object(let object): found = object
    case .refused(let kind): throw refusal(path, kind)
    }
    switch kind(found) {
    case expected: return found
    case .group: throw source.error(absolute(path), "is a group", expected: words)
    case .dataset: throw source.error(absolute(path), "is a dataset", expected: words)
    case .other(let kind): throw source.error(absolute(path), "is \(kind)", expected: words)
    }
  }

  private func kind(_ object: Handle) -> Kind {
    switch H5Iget_type(object.id) {
    case H5I_GROUP: .group
    case H5I_DATASET: .dataset
    default: .other("a named datatype")
    }
  }

  private func missing(_ path: String, expected: String) -> HDF5Error {
    source.error(absolute(path), "does not exist", expected: expected)
  }

  /// `path` seen from the root, without a leading slash.
  func absolute(_ path: String) -> String {
    let parts = components(path).joined(separator: "/")
    return path.hasPrefix("/") || self.path.isEmpty ? parts : parts.isEmpty ? self.path : "\(self.path)/\(parts)"
  }
}
