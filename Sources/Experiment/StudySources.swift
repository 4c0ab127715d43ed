import Attacks
import Datasets
import Files
import ModelFiles
import NeuralNetwork

/// The files that a study reads.
public struct StudySources: Equatable, Sendable {
  /// A network's file: see `ModelFile`.
  public var model: String
  /// What becomes of pixels before they enter the network.
  public var preparation: InputPreparation
  /// The output that counts, of a network with several; nil for the first one.
  public var outputLayer: String?
  /// Labelled images by split, each as `ImageSource` takes it.
  public var data: Splits<String>
  /// What the images' files do not tell.
  public var reading = ImageReading()
  /// Triggers that make the backdoored splits from the clean ones; nil where files have them.
  public var attack: BadNetRecipe.AttackNames?

  /// What pixels are multiplied by.
  public var inputScale: Double { preparation.scale }

  /// The files at these paths; nothing is opened yet.
  public init(model: String, inputScale: Double, data: Splits<String>) {
    self.model = model
    preparation = InputPreparation(scale: inputScale)
    self.data = data
  }

  /// Reads the network; sizes that it leaves open are those of the first images.
  /// - Parameter note: is told which of several outputs was taken.
  public func badNet(note: (String) -> Void = { _ in }) throws -> BadNet {
    let contents: ModelFile.Contents
    do {
      contents = try ModelFile.contents(model, outputLayer: outputLayer)
    } catch let error as InputError where ModelFile.leavesSizesOpen(error) {
      let images = try Split.allCases.lazy.compactMap { split in
        try data[split].map { try FaceDataset(file: $0, reading, shape: nil) }
      }.first
      guard let images else { throw error }
      contents = try ModelFile.contents(
        model, imageShape: images.imageShape.dimensions, outputLayer: outputLayer)
    }
    contents.note.map(note)
    return BadNet(network: contents.network, preparation: preparation)
  }

  /// Opens the images; pixels are read later, a batch at a time.
  /// - Parameter network: that they are for.
  public func faces(for network: Network) throws -> Splits<FaceDataset> {
    let given = try data.map { try FaceDataset(file: $1, reading, shape: network.inputShape) }
    return try attack.map { try given.adding($0, classes: network.classes) } ?? given
  }

  /// The SHA-256 digests of the files.
  public struct Digests: Sendable {
    /// As 64 hexadecimal digits.
    public let model: String, data: Splits<String>
    /// Of each trigger's picture; nil for one that is drawn.
    var triggers: [String?] = []
  }

  /// Reads every file for its digest.
  /// - Throws: `InputError` where one cannot be read.
  public func digests() throws -> Digests {
    var data = try data.map { try ImageSource($1).digest() }
    if attack != nil { for (clean, backdoored) in Split.pairs { data[backdoored] = data[clean] } }
    return Digests(
      model: try ModelFile.digest(of: model), data: data,
      triggers: try attack.map { try RunRecord.AttackSource.digests(of: $0.triggers) } ?? [])
  }

  /// What the record says of the network.
  public func modelSource(of badNet: BadNet, _ digests: Digests) -> RunRecord.ModelSource {
    RunRecord.ModelSource(
      path: model, sha256: digests.model, inputScale: inputScale, mean: preparation.mean, std: preparation.std,
      identities: badNet.network.classes, parameters: badNet.network.parameterCount, outputLayer: outputLayer)
  }

  /// What the record says of the faces.
  public func dataSources(of faces: Splits<FaceDataset>, _ digests: Digests) -> Splits<RunRecord.DataSource> {
    faces.map { split, faces in
      RunRecord.DataSource(path: faces.name, sha256: digests.data[split] ?? "", rows: faces.count)
    }
  }

  /// A study's record, with what else it needs to be made again.
  public func record(
    _ study: PruningStudy, on faces: Splits<FaceDataset>, _ digests: Digests
  ) -> RunRecord {
    var record = study.record(model: modelSource(of: study.badNet, digests), data: dataSources(of: faces, digests))
    record.reading = reading.ifGiven
    record.attack = attack.map {
      RunRecord.AttackSource(triggers: $0.triggers, targets: $0.targets, sha256: digests.triggers)
    }
    return record.withProvenance
  }
}

extension Splits<FaceDataset> {
  /// The clean splits with backdoored ones made from them.
  /// - Throws: `InputError` where a trigger or a target does not serve.
  func adding(_ attack: BadNetRecipe.AttackNames, classes: Int) throws -> Splits<FaceDataset> {
    let backdoors = try attack.backdoors()
    if let wrong = backdoors.first(where: { !(0..<classes).contains($0.target) }) {
      throw InputError("--target", found: "\(wrong.target)", expected: "a class in 0...\(classes - 1)")
    }
    var all = self
    for (clean, backdoored) in Split.pairs { all[backdoored] = try self[clean].map { try backdoors.triggered($0) } }
    return all
  }
}

extension Split {
  /// Each clean split with the backdoored one of the same images.
  static let pairs = [(clean: Split.cleanValid, backdoored: Split.backdooredValid), (.cleanTest, .backdooredTest)]
}
