import Attacks
import Datasets
import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// A finished run looked at again: its inputs hashed, its study recomputed, its files compared.
public struct RunVerification: Sendable {
  /// The run's folder.
  public let folder: String
  /// What the run recorded.
  public let record: RunRecord
  /// What was found now; nil where an input is not the recorded one, so that not every number could be recomputed.
  public private(set) var recomputed: RunRecord?
  /// Whether the record's training was repeated, or there is none.
  public private(set) var isTrainingRecomputed = true
  /// The faces that are those of the record.
  public private(set) var faces = Splits<FaceDataset>()
  /// Item by item, in the order of the work.
  public private(set) var findings: [Finding] = []
  /// The repaired networks of the recomputed study.
  private var networks: RunFileVerification.Networks?

  /// What is verified and how.
  public struct Options: Sendable {
    /// Where the network lies now; nil for where the record says.
    public var model: String?
    /// Where faces lie now; nil for where the record says.
    public var data = Splits<String>()
    /// How many threads may work at once; changes speed and nothing else.
    public var threads = 1

    /// As the record says, on one thread.
    public init() {}
  }

  /// Verifies a run.
  ///
  /// - Parameters:
  ///   - path: a run's folder, or the `run.json` in it.
  ///   - retrain: trains a recipe's network; nil leaves the training of a network that was trained here unrepeated.
  ///   - progress: of the study.
  /// - Throws: `InputError` for what is no record, or one that contradicts itself. What differs, or cannot be computed
  ///   again, is no error: it is among the findings.
  public init(
    _ path: String, options: Options = Options(), retrain: ((BadNetRecipe) throws -> TrainedBadNet)? = nil,
    progress: (PruningStudy.Progress) -> Void = { _ in }
  ) throws {
    record = try RunRecord.read(path)
    let file = OutputFile.isFolder(path) ? "\(path)/run.json" : path
    folder = OutputFile.folder(of: file)
    let text = String(decoding: try FileBytes.read(file, limit: 1 << 30), as: UTF8.self)
    let form = TextDifference.first(text, try record.json).map { [$0] } ?? []
    findings.append(.compared("record", file, differences: form))

    let keepsRecordAlone = RunFolder(folder).keepsRecordAlone(record)
    let inputs = RecordedInputs(record, folder: folder, keepsRecordAlone: keepsRecordAlone, options: options)
    findings += inputs.findings
    var network: Network?
    var training = record.training
    let outputLayer = record.model.outputLayer
    if inputs.modelIsSame {
      let reading = record.reading ?? ImageReading()
      network = try self.reading("model") {
        var sources = StudySources(model: inputs.model, inputScale: 1, data: inputs.data)
        (sources.outputLayer, sources.reading) = (outputLayer, reading)
        return try sources.badNet().network
      }
    }
    let (shape, own, original) = (network?.inputShape, record.reading ?? ImageReading(), record)
    for split in Split.allCases where inputs.splitIsSame[split] == true {
      faces[split] = try inputs.data[split].flatMap { path in
        try reading(split.title) { try FaceDataset(file: path, own, shape: shape) }
      }
    }
    if let attack = record.attack, inputs.triggersAreSame {
      let clean = faces
      faces = try reading("attack") { try clean.adding(attack.names, classes: original.model.identities) } ?? clean
    }
    if let recorded = record.training {
      let again = TrainingVerification(
        recorded, of: record, files: (faces, network), threads: options.threads, retrain: retrain)
      findings += again.findings
      network = network ?? again.network
      training = again.training ?? training
      isTrainingRecomputed = again.training != nil
      for split in Split.allCases where faces[split] == nil { faces[split] = again.faces[split] }
    }
    let isSelected = try study(network, training, options, progress)
    let files = try RunFileVerification(
      of: recomputed ?? record, in: folder, network: network, networks: networks, model: inputs.model,
      keepsRecordAlone: keepsRecordAlone)
    findings.append(recomputed == nil ? files.table.besideTheRecord : files.table)
    findings += isSelected ? files.repaired : files.repaired.map(\.besideTheRecord)
  }

  /// The HDF5 files that verifying a run reads, where they are what the record says.
  package static func files(
    of path: String, options: Options
  ) throws -> (model: String, repaired: [String], data: Splits<String>, reading: ImageReading) {
    let record = try RunRecord.read(path)
    let folder = OutputFile.folder(of: OutputFile.isFolder(path) ? "\(path)/run.json" : path)
    let places = RecordedInputs.places(record, folder: folder, options: options)
    return (
      places.model,
      record.repaired.map { "\(folder)/\($0.model ?? "repaired-\($0.drop).h5")" }
        + [record.own?.model.map { "\(folder)/\($0)" }].compactMap(\.self), places.data,
      record.reading ?? ImageReading()
    )
  }

  /// Recomputes the study and compares what it finds.
  /// - Returns: whether the channels of B' were chosen again, which needs the network and clean validation faces alone.
  private mutating func study(
    _ network: Network?, _ training: TrainingRecord?, _ options: Options, _ progress: (PruningStudy.Progress) -> Void
  ) throws -> Bool {
    let missing = Split.allCases.filter { record.data[$0] != nil && faces[$0] == nil }
    guard let network, faces.cleanValid != nil else {
      let what = network == nil ? "network" : "clean validation faces"
      findings.append(.notChecked("study", "not recomputed, without the \(what) of the record"))
      return false
    }
    var studied = faces
    // Which rows are the target's is told by the clean split.
    if record.excludesTarget, faces.cleanTest == nil { studied.backdooredTest = nil }
    let found: PruningStudy
    do {
      let study = try StudyOptions(of: record, threads: options.threads)
      let preparation = try InputPreparation(
        scale: record.model.inputScale, mean: record.model.mean, std: record.model.std)
      found = try PruningStudy(
        of: BadNet(network: network, preparation: preparation), on: studied, options: study, progress: progress)
    } catch let error as any AboutInput {
      findings.append(.compared("study", "", differences: ["cannot be recomputed: \(error)"]))
      return false
    }
    var model = record.model
    (model.identities, model.parameters) = (network.classes, network.parameterCount)
    let data = studied.map { split, faces in
      RunRecord.DataSource(
        path: record.data[split]?.path ?? "", sha256: record.data[split]?.sha256 ?? "", rows: faces.count)
    }
    var computed = found.record(model: model, data: data, training: training)
    (computed.reading, computed.attack, computed.provenance) = (record.reading, record.attack, record.provenance)
    if record.defence == nil { computed.forgetDefence() }
    networks = try? RunFileVerification.Networks(repaired: found.repairedNetworks(), own: found.ownNetwork())
    findings += record.findings(against: computed)
    for split in missing {
      findings.append(.notChecked("\(split.title) rates", "not recomputed, without the faces of the record"))
    }
    if studied.backdooredTest == nil, faces.backdooredTest != nil {
      findings.append(
        .notChecked("backdoored test rates", "not recomputed: --exclude-target needs the clean test faces"))
    }
    if missing.isEmpty { recomputed = computed }
    return true
  }

  /// What `read` answers; nil, and a finding, where the file is not what it has to be.
  private mutating func reading<Value>(_ item: String, _ read: () throws -> Value) throws -> Value? {
    do {
      return try read()
    } catch let error as any AboutInput {
      findings.append(.compared(item, "", differences: ["\(error)"]))
      return nil
    }
  }
}
