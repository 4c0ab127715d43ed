#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Paths as seen from a folder.
package enum RelativePath {
  /// `../figures/output.png` for `figures/output.png` seen from `report`; symbolic links are not followed.
  package static func of(_ path: String, fromFolder folder: String) -> String {
    let (target, base) = (components(path), components(folder))
    let shared = zip(target, base).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: base.count - shared) + target[shared...]).joined(separator: "/")
  }

  /// The names from the root down, without `.` and `..`.
  private static func components(_ path: String) -> [Substring] {
    var whole = path
    if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
      whole = "\(String(cString: current))/\(path)"
      free(current)
    }
    return whole.split(separator: "/").reduce(into: []) { names, name in
      if name == ".." { _ = names.popLast() } else if name != "." { names.append(name) }
    }
  }
}
