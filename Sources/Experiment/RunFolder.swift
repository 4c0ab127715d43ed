import Backdoor
import Foundation
import NeuralNetwork

/// A run's folder: the record, the curve, the repaired networks, and apart from them what differs between machines.
public struct RunFolder: Sendable {
  /// Where the folder is, or will be.
  public let path: String

  /// The folder at `path`, which `write` makes where it is missing.
  public init(_ path: String) { self.path = path }

  /// Writes a run; the record comes last, so that a folder with a record is complete.
  /// - Parameters:
  ///   - record: of the same study as `networks`.
  ///   - networks: B' for each X of the record, nil where there is none.
  /// - Throws: `InputError` or `HDF5Error` where the folder cannot be written.
  public func write(_ record: RunRecord, networks: [Network?], environment: RunEnvironment) throws {
    let json = try record.json
    try OutputFile.makeFolder(path)
    for (repaired, network) in zip(record.repaired, networks) {
      if let network, let name = repaired.model { try KerasModelFile.write(network, to: "\(path)/\(name)") }
    }
    try removeNetworks(besides: Set(record.repaired.compactMap(\.model)))
    try OutputFile.write(record.csv, to: "\(path)/curve.csv")
    try OutputFile.write(try environment.json, to: "\(path)/environment.json")
    try OutputFile.write(json, to: "\(path)/run.json")
  }

  /// Removes the networks of an earlier run with other X, which this record does not speak of.
  private func removeNetworks(besides kept: Set<String>) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: path) where !kept.contains(name) {
      guard name.hasPrefix("repaired-"), name.hasSuffix(".h5"), Drop(name.dropFirst(9).dropLast(3)) != nil else {
        continue
      }
      try FileManager.default.removeItem(atPath: "\(path)/\(name)")
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
  /// Threads that could work at once.
  public var threads: Int
  /// ISO 8601.
  public var finished = Date().formatted(.iso8601)
  /// By the name of the step.
  public var seconds: [String: Double]

  /// This version of Espalier.
  public static let version = "0.1.0"

  /// This machine, now.
  public init(threads: Int, seconds: [String: Double]) {
    self.threads = threads
    self.seconds = seconds
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
  }
}
