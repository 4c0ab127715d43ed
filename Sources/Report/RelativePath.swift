#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Paths as seen from a folder.
package enum RelativePath {
  /// `../figures/output.png` for `figures/output.png` seen from `report`.
  ///
  /// Folders that are symbolic links are followed, since `..` leads out of what a link names; the last name of `path` stays.
  package static func of(_ path: String, fromFolder folder: String) -> String {
    let (parent, name) = split(path)
    let (target, base) = (components(parent) + [name], components(folder))
    let shared = zip(target, base).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: base.count - shared) + target[shared...]).joined(separator: "/")
  }

  /// Whether two paths name the same file, or the same place for one where neither exists.
  package static func isSame(_ path: String, _ other: String) -> Bool { components(path) == components(other) }

  /// The folder and the last name.
  private static func split(_ path: String) -> (folder: String, name: String) {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    return (slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".", name)
  }

  /// The names from the root down, without `.`, `..` and symbolic links, as far as there are such folders.
  private static func components(_ path: String) -> [String] {
    var names: [String] = []
    if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
      names = String(cString: current).split(separator: "/").map(String.init)
      free(current)
    }
    for name in path.split(separator: "/") where name != "." {
      if name == ".." {
        _ = names.popLast()
      } else if let real = realpath("/" + (names + [String(name)]).joined(separator: "/"), nil) {
        names = String(cString: real).split(separator: "/").map(String.init)
        free(real)
      } else {
        names.append(String(name))
      }
    }
    return names
  }
}
