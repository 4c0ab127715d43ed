import CCairo

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The libraries that decide how a shape or a letter becomes pixels: the same figure drawn with other versions may differ in
/// its bytes.
public enum DrawingLibraries {
  /// The versions that are loaded, by the library's name: `cairo`, and `freetype` where it can be asked.
  public static var versions: [String: String] {
    var versions = ["cairo": String(cString: cairo_version_string())]
    versions["freetype"] = freeType
    return versions
  }

  /// Asked of the library that Cairo has loaded: its headers may be another version's.
  private static var freeType: String? {
    typealias Begin = @convention(c) (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    typealias Version =
      @convention(c) (
        OpaquePointer, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>,
        UnsafeMutablePointer<Int32>
      ) -> Void
    typealias End = @convention(c) (OpaquePointer) -> Int32
    guard let itself = dlopen(nil, RTLD_LAZY) else { return nil }
    defer { dlclose(itself) }
    guard let begin = dlsym(itself, "FT_Init_FreeType"), let version = dlsym(itself, "FT_Library_Version"),
      let end = dlsym(itself, "FT_Done_FreeType")
    else { return nil }
    var library: OpaquePointer?
    guard unsafeBitCast(begin, to: Begin.self)(&library) == 0, let library else { return nil }
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    unsafeBitCast(version, to: Version.self)(library, &major, &minor, &patch)
    _ = unsafeBitCast(end, to: End.self)(library)
    return "\(major).\(minor).\(patch)"
  }
}
