import Files
import NeuralNetwork

/// Networks in files of any format that is read; a new format is one line in `formats`.
public enum ModelFile {
  /// A network as its file has it.
  public struct Contents: Sendable {
    /// The network.
    public let network: Network
    /// A line for the user where a choice was made: which of several outputs.
    public let note: String?
  }

  /// The first one that claims a file reads it; Keras' has the last word.
  static var formats: [any ModelFormat.Type] { [ONNXModelFile.self, KerasModelFile.self] }

  /// What is expected of a model that leaves its images' sizes open where no images are given.
  static let expectedSizes = "known sizes, or images beside the model that tell them"

  /// Whether an error says that the model leaves its images' sizes open, so that it is read with an `imageShape` alone.
  package static func leavesSizesOpen(_ error: InputError) -> Bool {
    error.expected?.hasSuffix(expectedSizes) == true
  }

  static func format(of path: String) throws -> any ModelFormat.Type {
    try formats.first { try $0.claims(path) } ?? KerasModelFile.self
  }

  /// Reads a network.
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
    try format(of: path).network(path, imageShape: imageShape, outputLayer: outputLayer)
  }

  /// Writes a network in the form of the file that it came from, with only the changed weights different; the same network
  /// from the same file is always the same bytes.
  /// - Parameters:
  ///   - source: the file that the network, before its weights changed, was read from.
  ///   - path: where it is written now, without a temporary file.
  package static func write(_ network: Network, like source: String, now path: String) throws {
    try format(of: source).rewrite(network, like: source, now: path)
  }

  /// How the name of a network ends that is written like the one at `path`, without the full stop.
  package static func ending(of path: String) -> String {
    endings.first { path.lowercased().hasSuffix(".\($0)") } ?? "h5"
  }

  /// How names of networks end that are written.
  package static var endings: [String] { formats.flatMap { $0.endings } }

  /// Whether libhdf5 reads the file, or would.
  package static func isHDF5(_ path: String) throws -> Bool { try format(of: path) == KerasModelFile.self }

  /// Whether a file is a network for certain, told by its name or its first bytes; an HDF5 file may be one or hold images.
  package static func isCertain(_ path: String) throws -> Bool {
    try format(of: path) != KerasModelFile.self || KerasModelFile.isArchive(path)
  }
}

/// A format of networks' files.
protocol ModelFormat {
  /// How names of such files end, without the full stop.
  static var endings: [String] { get }
  /// Whether the format reads the file at `path`, told by its name or its first bytes.
  static func claims(_ path: String) throws -> Bool
  /// See `ModelFile.contents`.
  static func network(_ path: String, imageShape: [Int]?, outputLayer: String?) throws -> ModelFile.Contents
  /// See `ModelFile.write`.
  static func rewrite(_ network: Network, like source: String, now path: String) throws
}

extension KerasModelFile: ModelFormat {
  static let endings = ["h5", "keras"]

  static func claims(_ path: String) -> Bool { true }

  static func network(_ path: String, imageShape: [Int]?, outputLayer: String?) throws -> ModelFile.Contents {
    let contents = try contents(path, imageShape: imageShape, outputLayer: outputLayer)
    return ModelFile.Contents(network: contents.network, note: contents.note)
  }

  static func rewrite(_ network: Network, like source: String, now path: String) throws {
    try write(network, like: source, now: path)
  }
}
