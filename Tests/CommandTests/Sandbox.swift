import Foundation

/// What a process did.
struct Outcome {
  let status: Int32
  let output: String
  let error: String
}

/// A temporary folder with a tiny BadNet and faces, in which the built program runs.
final class Sandbox {
  let folder: URL

  /// The options that name the tiny BadNet and the faces of all four splits.
  static let inputs = [
    "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "valid.h5", "--clean-test", "test.h5",
    "--backdoored-valid", "bd_valid.h5", "--backdoored-test", "bd_test.h5",
  ]

  /// - Parameter files: what the folder holds, by path in it; the tiny BadNet and its faces where this is nil.
  init(files: [String: Data]? = nil) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if files == nil { try TinyBadNet.write(to: folder.path) }
    for (name, bytes) in files ?? [:] {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try bytes.write(to: file)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Runs `espalier` in the folder.
  func espalier(
    _ arguments: [String], output device: String? = nil, largestFile kilobytes: Int? = nil, after setup: String? = nil
  ) throws -> Outcome {
    // POSIX counts the limit in 512 bytes.
    let limit = kilobytes.map { "ulimit -f \(2 * $0)" }
    return try run("espalier", arguments, output: device, after: setup ?? limit)
  }

  /// Runs a built program in the folder.
  /// - Parameters:
  ///   - environment: what differs from ours.
  ///   - device: where standard output goes, if not into the outcome.
  ///   - setup: what a shell does first.
  func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], output device: String? = nil,
    after setup: String? = nil
  ) throws -> Outcome {
    let process = makeProcess(arguments, of: program)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let setup, let program = process.executableURL {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(setup); exec \"$0\" \"$@\"", program.path] + arguments
    }
    // Files and not pipes: neither fills up while the other is read.
    let streams = folder.appendingPathComponent("../\(UUID().uuidString)")
    let (output, error) = (streams.path + ".out", streams.path + ".err")
    for path in [output, error] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    defer { for path in [output, error] { try? FileManager.default.removeItem(atPath: path) } }
    process.standardOutput = FileHandle(forWritingAtPath: device ?? output)
    process.standardError = FileHandle(forWritingAtPath: error)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
      error: try String(contentsOfFile: error, encoding: .utf8))
  }

  /// Starts `espalier` in the folder and does not wait for it; what it says is thrown away, but for `error`.
  func start(
    _ arguments: [String], environment: [String: String] = [:], error: FileHandle = .nullDevice
  ) throws -> Process {
    let process = makeProcess(arguments)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = error
    try process.run()
    return process
  }

  /// A process of a built program in the folder, not yet started.
  func makeProcess(_ arguments: [String], of program: String = "espalier") -> Process {
    let process = Process()
    // The programs are built beside the test bundle, which is what runs here.
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent(program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    return process
  }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func path(_ name: String) -> String { url(name).path }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// The bytes of every file by its path in the folder.
  func files() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path(name), isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      files[name] = try Data(contentsOf: folder.appendingPathComponent(name))
    }
    return files
  }
}
