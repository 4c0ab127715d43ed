import Files

/// Paths as seen from a folder.
package enum RelativePath {
  /// `../figures/output.png` for `figures/output.png` seen from `report`.
  ///
  /// Folders that are symbolic links are followed, since `..` leads out of what a link names; the last name of `path` stays.
  package static func of(_ path: String, fromFolder folder: String) -> String {
    let (parent, name) = split(path)
    let (target, base) = (RealPath.components(parent) + [name], RealPath.components(folder))
    let shared = zip(target, base).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: base.count - shared) + target[shared...]).joined(separator: "/")
  }

  /// Whether two paths name the same file, or the same place for one where neither exists.
  package static func isSame(_ path: String, _ other: String) -> Bool {
    RealPath.components(path) == RealPath.components(other)
  }

  /// The folder and the last name.
  private static func split(_ path: String) -> (folder: String, name: String) {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    return (slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".", name)
  }
}
