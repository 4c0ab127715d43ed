import Glibc
import HDF5
import Testing

@Suite struct LibraryTests {
  /// The line about these libraries, without the number of the release that our headers are of.
  private func refusal(_ names: String...) throws -> String {
    let error = try #require(throws: HDF5LibraryError.self) { try loadHDF5(from: names) }
    return error.description.replacing(/version 1\.\d+,/, with: "version 1.x,")
  }

  @Test func absentLibraryIsNamed() throws {
    let text = """
      libhdf5: libnothing.so.0: cannot open shared object file: No such file or directory; \
      expected version 1.x, as the package libhdf5-dev brings it
      """
    #expect(try refusal("libnothing.so.0") == text)
    #expect(try refusal("libnothing.so.0", "libnothing.so") == text)
  }

  @Test func libraryThatIsThereIsNamedBeforeAnAbsentOne() throws {
    let text = try refusal("libnothing.so.0", "libm.so.6", "libnothing.so")
    let end = "undefined symbol: H5dont_atexit; expected version 1.x, as the package libhdf5-dev brings it"
    #expect(text.hasPrefix("libhdf5: /") && text.hasSuffix("libm.so.6: \(end)"))
  }

  @Test(.enabled(if: system("command -v clang >/dev/null") == 0, "needs clang"))
  func anotherVersionIsRefused() throws {
    try withTemporaryPath("libhdf5.so") { path in
      let source = """
        int H5dont_atexit(void) { return 0; }
        int H5get_libversion(unsigned *a, unsigned *b, unsigned *c) { *a = 1; *b = 8; *c = 23; return 0; }
        """
      try #require(system("echo '\(source)' | clang -shared -fPIC -nostdlib -x c -o \(path) -") == 0)
      let text = "libhdf5: \(path) is version 1.8.23; expected version 1.x, as the package libhdf5-dev brings it"
      #expect(try refusal(path) == text)
    }
  }
}
