import Archives
import Files
import HDF5
import NeuralNetwork

/// Keras' model files: HDF5 (`.h5`) of Keras 1, 2 and 3, `.keras`, and HDF5 files of weights alone.
///
/// Nothing in a file is executed: a layer with code in it is refused by name.
public enum KerasModelFile {
  /// What was read.
  public struct Contents {
    /// The network.
    public let network: Network
    /// A line for whoever asked, where a choice was made for them: which of several outputs.
    public let note: String?
    /// By node and by the name of its array: the dataset of the file.
    let origins: [Int: [String: String]]
    /// Whether the file describes its layers; weights alone are taken for DeepID.
    let isWhole: Bool
    /// Whether kernels of convolutions are stored turned by 180 degrees.
    var isTurned = false
  }

  /// Reads a network.
  ///
  /// A file without `model_config` holds weights only, as Keras 2 saves them or as Keras 3 does (`.weights.h5`): it is
  /// taken for DeepID (`DeepID`), every shape checked, with as many identities as its last layer has.
  /// A file that was damaged on purpose may crash libhdf5 itself: see `HDF5File`.
  /// - Throws: `InputError`, `NetworkError` or `HDF5Error`; each names the file and the layer.
  public static func read(_ path: String) throws -> Network { try contents(path).network }

  /// Reads a network and what was decided on the way.
  /// - Parameters:
  ///   - imageShape: (H, W, C) of the images, for sizes that the model leaves open.
  ///   - outputLayer: of a model with several outputs, the one that counts; nil for the first one.
  /// - Throws: as `read`.
  public static func contents(
    _ path: String, imageShape: [Int]? = nil, outputLayer: String? = nil
  ) throws -> Contents {
    do {
      if try isArchive(path) { return try archive(path, imageShape, outputLayer) }
      let root = try HDF5File(reading: path).root
      let isWhole = try root.hasAttribute("model_config")
      let group = isWhole ? try root.group("model_weights") : root
      let isTurned = try TheanoKernels.areIn(group)
      let store = try weightStore(group, isWhole: isWhole, location: path)
      guard isWhole else {
        let layers = DeepID.layers(classes: try DeepID.classes(in: store, location: path))
        let translation = KerasTranslation(location: path, generation: 2, imageShape: nil)
        let network = try translation.network(layers) { layer, _ in
          layer.named(try store.arrays(of: layer)).turned(isTurned, layer)
        }
        return Contents(
          network: network, note: isTurned ? TheanoKernels.note(path) : nil, origins: translation.origins,
          isWhole: false,
          isTurned: isTurned)
      }
      let version = try root.hasAttribute("keras_version") ? root.attribute("keras_version").string() : "1"
      return try contents(
        try root.attribute("model_config").string(), version: version, store, path, imageShape, outputLayer,
        isTurned: isTurned)
    } catch let error as NetworkError {
      throw InputError("\(path): \(error.location)", found: error.found, expected: error.expected)
    }
  }

  private static func contents(
    _ configuration: String, version: String, _ store: any KerasWeightStore, _ path: String, _ imageShape: [Int]?,
    _ outputLayer: String?, isTurned: Bool = false
  ) throws -> Contents {
    let flat = try KerasConfiguration(parsing: configuration, output: outputLayer, location: path)
    let generation = version.split(separator: ".").first.flatMap { Int($0) } ?? 2
    let translation = KerasTranslation(location: path, generation: generation, imageShape: imageShape)
    let network = try translation.network(flat.layers) { layer, _ in
      layer.named(try store.arrays(of: layer)).turned(isTurned, layer)
    }
    let notes = [flat.note, isTurned ? TheanoKernels.note(path) : nil].compactMap(\.self)
    return Contents(
      network: network, note: notes.isEmpty ? nil : notes.joined(separator: "; "), origins: translation.origins,
      isWhole: true, isTurned: isTurned)
  }

  private static func weightStore(
    _ group: HDF5Group, isWhole: Bool, location: String
  ) throws -> any KerasWeightStore {
    if let store = try NamedWeightStore(group, location: location) { return store }
    if !isWhole, let store = try VariableStore(group) { return store }
    throw InputError(
      location, found: "no attribute layer_names", expected: "a Keras HDF5 model or weights file (.h5)")
  }

  /// The network of these layers.
  /// - Parameter weights: the weights of a layer, given the shape of its first input.
  static func network(
    _ layers: [KerasLayer], location: String, weights: (KerasLayer, Shape?) throws -> KerasWeights
  ) throws -> Network {
    try KerasTranslation(location: location, generation: 2, imageShape: nil).network(layers, weights: weights)
  }

  // MARK: .keras

  static let configurationEntry = "config.json", weightsEntry = "model.weights.h5", metadataEntry = "metadata.json"
  /// The most bytes of a configuration, and of the weights.
  static let configurationLimit = 1 << 26, weightsLimit = 1 << 32

  /// Whether a file begins as a zip archive does.
  package static func isArchive(_ path: String) throws -> Bool {
    guard let start = try? FileBytes.start(path, count: 4) else { return false }
    return start == [0x50, 0x4B, 3, 4]
  }

  /// Opens an archive whose entries are together no larger than a network's are: weights hardly deflate, so that what
  /// inflates to much more than the file holds is made to fill memory.
  static func openArchive(_ path: String) throws -> ZipArchive {
    let archive = try ZipArchive(path: path)
    let limit = min(weightsLimit, (1 << 26) + 20 * min(archive.byteCount, weightsLimit))
    for entry in archive.entries where entry.name.hasPrefix("/") || entry.name.split(separator: "/").contains("..") {
      throw InputError("\(path): \(entry.name)", found: "leads out of the archive", expected: "a path inside it")
    }
    // No sum can overflow: an entry is at most 1032 times its part of the file.
    let size = archive.entries.reduce(0) { $0 + $1.size }
    guard size <= limit else {
      throw InputError(
        path, found: "\(size) bytes in an archive of \(archive.byteCount)",
        expected: "at most \(limit): 64 MB and 20 times the archive")
    }
    return archive
  }

  private static func archive(_ path: String, _ imageShape: [Int]?, _ outputLayer: String?) throws -> Contents {
    let archive = try openArchive(path)
    func text(_ entry: String) throws -> String {
      let bytes = try archive.bytes(of: entry, limit: configurationLimit)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw InputError("\(path): \(entry)", found: "text that is not UTF-8", expected: "a JSON document")
      }
      return text
    }
    let configuration = try text(configurationEntry)
    let metadata =
      archive[metadataEntry] == nil
      ? nil : try JSONValue(parsing: text(metadataEntry), location: "\(path): \(metadataEntry)")
    let weights = try ScratchFile(archive.bytes(of: weightsEntry, limit: weightsLimit))
    do {
      let root = try HDF5File(reading: weights.path).root
      guard let store = try VariableStore(root) else {
        throw InputError(
          "\(path): \(weightsEntry)", found: "no group layers", expected: "the weights of a Keras 3 model")
      }
      return try contents(
        configuration, version: metadata?["keras_version"]?.string ?? "3", store, path, imageShape, outputLayer)
    } catch let error as HDF5Error {
      // A temporary path is no reader's matter.
      throw InputError(
        error.location.replacing(weights.path, with: "\(path): \(weightsEntry)"), found: error.found,
        expected: error.expected)
    }
  }
}
