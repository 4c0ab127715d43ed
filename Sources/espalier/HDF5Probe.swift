import Datasets
import Files
import Foundation
import ModelFiles
import Threads

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files from strangers are read first by a child of this program, because libhdf5 itself may crash on damaged headers.
///
/// The child reads what the command is about to read; where it crashes, or takes too long or too much memory, the file is
/// refused. Whatever else is wrong with a file the command finds itself.
struct HDF5Probe {
  /// What a file is read as.
  enum Kind: String { case model, faces, any }

  /// What the child may take for one file, beside what a large one takes anyway.
  static let seconds = 5, megabytes = 1024

  /// How the child ends by itself where a file takes too much memory.
  static let tooMuchMemory: Int32 = 42

  private var reading = ImageReading()
  private var files: [(kind: Kind, path: String)] = []

  /// Adds a file; nil adds nothing.
  mutating func add(_ path: String?, as kind: Kind) {
    if kind != .faces, let path, (try? ModelFile.isHDF5(path)) == false { return }
    if let path, !files.contains(where: { $0.path == path && $0.kind == kind }) { files.append((kind, path)) }
  }

  /// Adds images, as far as libhdf5 reads them.
  mutating func add(_ images: Splits<String>, _ reading: ImageReading = ImageReading()) {
    for split in Split.allCases {
      guard let source = images[split].flatMap({ try? ImageSource($0) }), source.isHDF5 else { continue }
      add(source.images, as: .faces)
    }
    self.reading = reading
  }

  /// Reads all files in one child.
  /// - Throws: `InputError` that names the file that the child did not survive.
  func run() throws {
    guard !files.isEmpty else { return }
    let (reached, status) = try child()
    guard status != 0 else { return }
    // Ends as after Ctrl-C are no file's fault; a child that does not begin is not either.
    let signal = status & 0x7F
    guard let reached, files.indices.contains(reached), ![SIGINT, SIGTERM, SIGKILL].contains(signal) else {
      throw Broken(status: status)
    }
    // Under a limit below what the child may take, a crash is most likely for want of memory.
    if signal != 0, signal != SIGXCPU, let limit = MemoryLimit.bytes, limit >> 20 < 4 * Self.megabytes {
      throw OutOfMemory.error
    }
    let found =
      switch (signal, status >> 8) {
      case (SIGXCPU, _): "reading it takes the HDF5 library more than \(Self.seconds) s"
      case (0, Self.tooMuchMemory): "reading it takes more than \(Self.megabytes) MB"
      default: "reading it crashed the HDF5 library"
      }
    throw InputError(files[reached].path, found: found, expected: "an undamaged HDF5 file")
  }

  /// The child ended without a reason that lies in a file.
  private struct Broken: Error, CustomStringConvertible {
    let status: Int32

    var description: String { "the check of HDF5 files ended with status \(status)" }
  }

  /// - Returns: the index of the last file that the child began, and how it ended.
  private func child() throws -> (reached: Int?, status: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SpawnFailure() }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    // What a crashing library says is no line of ours.
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Ctrl-C and `kill`, which this process takes for itself, end the child as they end any other.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    let program = Bundle.main.executablePath ?? Arguments.program
    var words = [program, ProbeCommand.name] + files.map { "\($0.kind.rawValue):\($0.path)" }
    if let key = reading.imagesKey { words.append("--images-key=\(key)") }
    if let key = reading.labelsKey { words.append("--labels-key=\(key)") }
    let arguments = words.map { PathText.withCString($0) { strdup($0) } }
    defer { for argument in arguments { free(argument) } }
    var identifier: pid_t = 0
    let failure = posix_spawn(&identifier, program, &actions, &attributes, arguments + [nil], environ)
    close(ends[1])
    guard failure == 0 else { throw SpawnFailure(code: failure) }

    var reached: Int?
    var mark: UInt8 = 0
    while true {
      let count = read(ends[0], &mark, 1)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      reached = (reached ?? -1) + 1
    }
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    return (reached, status)
  }

  private struct SpawnFailure: Error, CustomStringConvertible {
    var code = errno

    var description: String { "the check of HDF5 files does not start: \(String(cString: strerror(code)))" }
  }
}
