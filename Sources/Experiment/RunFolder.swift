import Attacks
import Datasets
import Defences
import Files
import Foundation
import ModelFiles
import NeuralNetwork

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A run's folder: the record, the curve, the repaired networks, and apart from them what differs between machines.
public struct RunFolder: Sendable {
  /// Where the folder is, or will be.
  public let path: String

  /// The folder at `path`, which `write` makes where it is missing.
  public init(_ path: String) { self.path = path }

  /// Finds out before any work is done whether a run can go there.
  /// - Throws: `InputError` or `SystemError` where it cannot.
  public func requireWritable() throws { try OutputFile.requireWritable("\(path)/run.json") }

  /// Where the state of a training is kept while it goes on.
  public var checkpoint: String { RunFolder.checkpoint(ofNetworkAt: "\(path)/badnet.h5") }

  /// Where the state of a training is kept until its network is written.
  public static func checkpoint(ofNetworkAt path: String) -> String { OutputFile.beside(path, ending: ".checkpoint") }

  /// Adds a run's files to `outputs`; the record comes last, so that a folder with a record is complete.
  /// - Parameters:
  ///   - record: of the same study as `networks`.
  ///   - networks: B' for each X of the record, nil where there is none; empty where the record alone is kept.
  ///   - own: B' where the defence's own threshold stops; nil where there is none, or the record alone is kept.
  /// - Throws: `InputError` or `HDF5Error` where the folder cannot be written.
  public func stage(
    _ record: RunRecord, networks: [Network?], own: Network? = nil, environment: RunEnvironment, outputs: StagedOutputs
  ) throws {
    for (model, network) in zip(record.repaired.map(\.model), networks) + [(record.own?.model, own)] {
      if let network, let name = model {
        try outputs.add("\(path)/\(name)") { try Self.write(network, of: record, model: record.model.path, now: $0) }
      }
    }
    try outputs.add(record.csv, at: "\(path)/curve.csv")
    try outputs.add(try JSONText.of(environment), at: "\(path)/environment.json")
    try outputs.add(try record.json, at: "\(path)/run.json")
  }

  /// Removes what an earlier run left and this record does not speak of: networks of other X, and those and the faces of
  /// a training; the temporary files of runs that were killed; and the state of a training that is finished.
  /// - Parameter keep: what this run leaves; with the record alone all networks go, whoever made them.
  public func removeLeftovers(of record: RunRecord, keep: KeptFiles = .all) throws {
    let kept = keep == .record ? [] : Set(record.models)
    if record.training == nil || keep == .record {
      let faces = Split.allCases.map { "faces/\($0.fileName)" }
      for name in ["badnet.h5"] + faces where OutputFile.exists("\(path)/\(name)") {
        try OutputFile.remove("\(path)/\(name)")
      }
      rmdir("\(path)/faces")
    }
    let own = ["run.json", "curve.csv", "environment.json", "badnet.h5"]
    StagedOutputs.removeAbandoned(in: path) { own.contains($0) || Self.isRepairedNetwork($0) }
    StagedOutputs.removeAbandoned(in: "\(path)/faces") { name in Split.allCases.contains { $0.fileName == name } }
    for name in try FolderEntries.names(in: path) where !kept.contains(name) {
      if Self.isRepairedNetwork(name) { try OutputFile.remove("\(path)/\(name)") }
    }
    // Last, so that a command that is killed before need not train again.
    CheckpointFile(checkpoint, version: RunEnvironment.version).remove()
  }

  /// Writes a repaired network: of a network that was given, in the form of its file.
  static func write(_ network: Network, of record: RunRecord, model: String, now path: String) throws {
    if let training = record.training {
      try training.recipe.write(network, now: path)
    } else {
      try ModelFile.write(network, like: model, now: path)
    }
  }

  /// How the names of repaired networks end: as that of the network does.
  static func modelEnding(of path: String) -> String { ModelFile.ending(of: path) }

  /// Every file that a run may write or remove in its folder.
  /// - Parameter drops: its X.
  public func ownFiles(drops: [Drop]) -> [String] {
    let there = ((try? FolderEntries.names(in: path)) ?? []).filter(Self.isRepairedNetwork)
    let networks = ModelFile.endings.flatMap { ending in
      ["\(RunRecord.OwnNetwork.fileName).\(ending)"] + drops.map { "repaired-\($0).\(ending)" }
    }
    let faces = Split.allCases.map { "faces/\($0.fileName)" }
    let names = ["run.json", "curve.csv", "environment.json", "badnet.h5"] + faces + Set(there + networks).sorted()
    return names.map { "\(path)/\($0)" }
  }

  private static func isRepairedNetwork(_ name: String) -> Bool {
    ModelFile.endings.map { ".\($0)" }.contains { ending in
      name == "\(RunRecord.OwnNetwork.fileName)\(ending)"
        || name.hasPrefix("repaired-") && name.hasSuffix(ending)
          && Drop(name.dropFirst(9).dropLast(ending.count)) != nil
    }
  }
}

/// What a run's time and numbers may owe to the machine; kept apart from the record, which has to be the same bytes.
public struct RunEnvironment: Codable, Sendable {
  /// The version of Espalier that ran.
  public var espalier = RunEnvironment.version
  /// The machine's name.
  public var host = ProcessInfo.processInfo.hostName
  /// The operating system and its version.
  public var system = ProcessInfo.processInfo.operatingSystemVersionString
  /// Processors that the system offered.
  public var processors = ProcessInfo.processInfo.activeProcessorCount
  /// The instruction set of the kernels, which no number depends on.
  public var kernels = Kernels.chosen.name
  /// Versions of the libraries that draw, by name: see `DrawingLibraries`.
  public var libraries: [String: String]
  /// Threads that could work at once.
  public var threads: Int
  /// ISO 8601.
  public var finished = Date().formatted(.iso8601)
  /// By the name of the step.
  public var seconds: [String: Double]

  /// This version of Espalier.
  public static let version = "0.2.0"

  /// This machine, now.
  public init(threads: Int, libraries: [String: String], seconds: [String: Double]) {
    self.libraries = libraries
    self.threads = threads
    self.seconds = seconds
  }
}
