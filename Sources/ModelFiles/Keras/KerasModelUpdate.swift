import Archives
import Files
import HDF5
import NeuralNetwork

extension KerasModelFile {
  /// Writes a network as the file that it came from, with only the weights changed that differ.
  ///
  /// The same network from the same file is always the same bytes. A file of weights alone becomes a whole model.
  /// - Parameters:
  ///   - source: the file that the network, before its weights changed, was read from.
  ///   - path: where it is written now, without a temporary file.
  /// - Throws: `InputError` where the network is not that of the file, or layers that share weights would need different ones.
  package static func write(_ network: Network, like source: String, now path: String) throws {
    // Of a sigmoid's two classes the layer before is the file's.
    let wanted = network.nodes.last.flatMap { last -> String? in
      guard case .operation(let box) = last.layer, box.operation is BinaryLogits else { return last.name }
      return last.inputs.first.map { network.nodes[$0].name }
    }
    let contents =
      try (try? contents(source, imageShape: network.inputShape.dimensions, outputLayer: wanted))
      ?? contents(source, imageShape: network.inputShape.dimensions)
    guard contents.isWhole else { return try write(network, now: path) }
    let changes = try changes(from: contents, to: network, source)
    guard try isArchive(source) else {
      try FileBytes.write(FileBytes.read(source, limit: weightsLimit), now: path)
      return try update(path, changes)
    }
    let archive = try openArchive(source)
    let weights = try ScratchFile(archive.bytes(of: weightsEntry, limit: weightsLimit))
    try update(weights.path, changes)
    let entries = try archive.entries.filter { !$0.name.hasSuffix("/") }.map { entry in
      let bytes =
        entry.name == weightsEntry
        ? try FileBytes.read(weights.path, limit: weightsLimit) : try archive.bytes(of: entry.name, limit: weightsLimit)
      return (name: entry.name, bytes: bytes)
    }
    let bytes = try ZipArchive.archive(of: entries, name: path)
    try FileBytes.write(bytes, now: path)
  }

  /// New numbers by dataset.
  private static func changes(
    from contents: Contents, to network: Network, _ source: String
  ) throws -> [String: [Float]] {
    guard contents.network.nodes.map(\.name) == network.nodes.map(\.name) else {
      throw InputError(source, found: "other layers than the network has", expected: "the file that it was read from")
    }
    var changes: [String: [Float]] = [:]
    for (index, (old, new)) in zip(contents.network.nodes, network.nodes).enumerated() {
      let before = Dictionary(old.layer.weights.map { ($0.name, $0.values) }) { first, _ in first }
      for array in new.layer.weights {
        guard let path = contents.origins[index]?[array.name] else {
          guard before[array.name] == array.values else {
            throw InputError("\(source): \(new.name)/\(array.name)", found: "no dataset", expected: "one to write to")
          }
          continue
        }
        let isChanged = before[array.name].map { !sameBits($0, array.values) } ?? true
        guard isChanged else { continue }
        let values =
          contents.isTurned && array.name == "kernel" && new.layer.isStoredTurned
          ? TheanoKernels.turned(array.values, shape: array.shape) : array.values
        if let other = changes[path], other != values {
          throw InputError(
            "\(source): \(new.name)", found: "weights that another layer shares and that differ there",
            expected: "the same change in both")
        }
        changes[path] = values
      }
    }
    return changes
  }

  private static func sameBits(_ one: [Float], _ other: [Float]) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { $0.bitPattern == $1.bitPattern }
  }

  private static func update(_ path: String, _ changes: [String: [Float]]) throws {
    guard !changes.isEmpty else { return }
    let file = try HDF5File(updating: path)
    for (dataset, values) in changes.sorted(by: { $0.key < $1.key }) {
      try file.root.dataset(dataset).replace(with: values)
    }
    try file.close()
  }
}
