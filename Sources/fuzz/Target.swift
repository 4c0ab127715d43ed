import Files
import Foundation
import NeuralNetwork

/// One parser, and how inputs for it are made.
protocol Target: Sendable {
  var name: String { get }
  /// Of the files that hold inputs.
  var fileExtension: String { get }
  /// Intact inputs.
  func seeds() throws -> [[UInt8]]
  /// Words of the format.
  var tokens: [String] { get }
  /// An input; only `random` decides which.
  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8]
  /// Reads the file, and does with what it holds what the program would do.
  /// - Parameter thorough: does what takes long, too.
  func read(_ path: String, thorough: Bool) throws
}

extension Target {
  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    mutator.mutated(using: &random)
  }

  /// Input `index` of a seed.
  func input(_ index: Int, seed: UInt64, _ mutator: Mutator) throws -> [UInt8] {
    var random = SeededGenerator(seed: seed, stream: [UInt64(index)])
    return try input(mutator, using: &random)
  }
}

enum Targets {
  static let all: [any Target] = [
    ModelTarget(), DatasetTarget(), ConfigurationTarget(), RecordTarget(), YAMLTarget(), CSVTarget(), ImageTarget(),
    TemplateTarget(), CommandTarget(), NumPyTarget(), ArchiveTarget(), IDXTarget(),
    ONNXTarget(), KerasTarget(),
  ]
}

/// Files of this repository.
enum Repository {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static func bytes(_ path: String) throws -> [UInt8] {
    try FileBytes.read("\(folder)/\(path)", limit: 1 << 24)
  }

  /// The files in `Tests/Corpus` whose names begin so: intact ones, and those that once made a parser fail.
  static func corpus(_ prefix: String) throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/Tests/Corpus").sorted()
      .filter { $0.hasPrefix(prefix + "-") }.map { try bytes("Tests/Corpus/\($0)") }
  }
}
