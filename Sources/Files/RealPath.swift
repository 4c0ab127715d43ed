/// Paths by where they lead.
package enum RealPath {
  /// The names from the root down, without `.`, `..` and symbolic links, as far as there are such folders.
  package static func components(_ path: String) -> [String] {
    var names: [String] = []
    if !path.hasPrefix("/"), let current = currentFolder() { names = split(current) }
    for name in split(path) where name != "." {
      if name == ".." {
        _ = names.popLast()
      } else if let real = realpath("/" + (names + [name]).joined(separator: "/")) {
        names = split(real)
      } else {
        names.append(name)
      }
    }
    return names
  }

  private static func split(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}
