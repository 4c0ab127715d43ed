import Datasets
import Files
import ModelFiles

/// The files that a study reads.
public struct StudySources: Equatable, Sendable {
  /// A Keras HDF5 model or weights file.
  public var model: String
  /// What pixels are multiplied by.
  public var inputScale: Double
  /// HDF5 faces by split.
  public var data: Splits<String>

  /// The files at these paths; nothing is opened yet.
  public init(model: String, inputScale: Double, data: Splits<String>) {
    self.model = model
    self.inputScale = inputScale
    self.data = data
  }

  /// Reads the network.
  public func badNet() throws -> BadNet {
    BadNet(network: try KerasModelFile.read(model), inputScale: inputScale)
  }

  /// Opens the faces; images are read later, a batch at a time.
  public func faces() throws -> Splits<FaceDataset> { try data.map { try FaceDataset(file: $1) } }

  /// The SHA-256 digests of the files.
  public struct Digests: Sendable {
    /// As 64 hexadecimal digits.
    public let model: String, data: Splits<String>
  }

  /// Reads every file for its digest.
  /// - Throws: `InputError` where one cannot be read.
  public func digests() throws -> Digests {
    Digests(
      model: try FileDigest.sha256(ofFileAt: model), data: try data.map { try FileDigest.sha256(ofFileAt: $1) })
  }

  /// What the record says of the network.
  public func modelSource(of badNet: BadNet, _ digests: Digests) -> RunRecord.ModelSource {
    RunRecord.ModelSource(
      path: model, sha256: digests.model, inputScale: inputScale,
      identities: badNet.network.classes, parameters: badNet.network.parameterCount)
  }

  /// What the record says of the faces.
  public func dataSources(of faces: Splits<FaceDataset>, _ digests: Digests) -> Splits<RunRecord.DataSource> {
    faces.map { split, faces in
      RunRecord.DataSource(path: faces.name, sha256: digests.data[split] ?? "", rows: faces.count)
    }
  }
}
