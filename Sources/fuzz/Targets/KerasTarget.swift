import Archives
import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// `.keras` archives: the archive's bytes damaged, or an intact archive around a damaged configuration or damaged weights.
struct KerasTarget: Target {
  let name = "keras"
  let fileExtension = "keras"
  let tokens =
    HDF5Words.all + [
      "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", "config.json", "metadata.json",
      "model.weights.h5", "../../x", "\"class_name\"", "\"config\"", "\"inbound_nodes\"", "\"kwargs\"", "\"dtype\"",
      "\"__lambda__\"", "null", "[]", "{}", "bfloat16",
    ]

  private static let folder = "Tests/ModelFilesTests/Fixtures/keras"
  private static let words = [
    "Conv2D", "Dense", "BatchNormalization", "Lambda", "Functional", "Sequential", "Add", "Concatenate", "Reshape",
    "Permute", "GlobalAveragePooling2D", "relu", "softmax", "same", "valid", "channels_first", "kernel_size", "axis",
    "name", "config", "class_name", "args", "kwargs", "keras_history", "training", "target_shape", "dims", "groups",
  ]

  func seeds() throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: "\(Repository.folder)/\(Self.folder)").sorted()
      .filter { $0.hasSuffix(".keras") }.map { try Repository.bytes("\(Self.folder)/\($0)") }
      + (try Repository.corpus("keras"))
  }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    guard random.integer(below: 3) > 0 else { return mutator.mutated(using: &random) }
    let seed = random.element(of: mutator.seeds)
    guard let archive = try? ZipArchive(bytes: seed, name: "seed") else { return seed }
    var entries = try archive.entries.map { (name: $0.name, bytes: try archive.bytes(of: $0.name, limit: 1 << 24)) }
    guard !entries.isEmpty else { return seed }
    let place = random.integer(below: entries.count)
    let entry = entries[place]
    if entry.name == "config.json", random.integer(below: 4) > 0,
      var tree = try? JSONValue(parsing: String(decoding: entry.bytes, as: UTF8.self), location: "")
    {
      repeat {
        tree = JSONMutation(words: Self.words).mutated(tree, using: &random)
      } while random.integer(below: 3) > 0
      entries[place].bytes = Array(tree.text.utf8)
    } else {
      let inner = Mutator(seeds: [entry.bytes], tokens: mutator.tokens)
      entries[place].bytes =
        entry.name.hasSuffix(".h5") ? inner.mutatedHDF5(using: &random) : inner.mutated(using: &random)
    }
    if random.integer(below: 16) == 0 { entries.remove(at: random.integer(below: entries.count)) }
    return try ZipArchive.archive(of: entries, name: "input")
  }

  func read(_ path: String, thorough: Bool) throws { try NetworkUse.read(path) }
}
