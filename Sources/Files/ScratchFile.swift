#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file in the system's folder for temporary ones that is removed when nobody holds it: for libraries that read files alone.
public final class ScratchFile {
  /// Where it is.
  public let path: String

  /// - Parameter bytes: what it holds.
  /// - Throws: `InputError` or `SystemError` where it cannot be written.
  public init(_ bytes: [UInt8]) throws {
    let folder = getenv("TMPDIR").map { PathText.text($0) } ?? "/tmp"
    // mkstemp(3) replaces the six letters X and asks for exactly these.
    var template = (PathText.bytes("\(folder)/espalier-XXXXXX") + [0]).map { CChar(bitPattern: $0) }
    let descriptor = mkstemp(&template)
    path = template.withUnsafeBufferPointer { PathText.text($0.baseAddress!) }
    guard descriptor >= 0 else { throw systemError(folder, expected: "a folder for temporary files") }
    close(descriptor)
    Unfinished.add(path)
    do {
      try FileBytes.write(bytes, now: path)
    } catch {
      unlink(path)
      Unfinished.forget(path)
      throw error
    }
  }

  deinit {
    unlink(path)
    Unfinished.forget(path)
  }
}
