import Attacks
import Datasets
import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// The faces of a recorded recipe regenerated and, where that is requested, the network retrained.
struct TrainingVerification {
  private(set) var findings: [Finding] = []
  /// The faces that came out as they were recorded.
  private(set) var faces = Splits<FaceDataset>()
  /// The network, where it was trained again and came out as it was recorded.
  private(set) var network: Network?
  /// How the training went, where it was repeated.
  private(set) var training: TrainingRecord?

  private let recorded: TrainingRecord
  private let record: RunRecord
  private let files: (faces: Splits<FaceDataset>, network: Network?)

  /// - Parameters:
  ///   - files: the run's faces and network, as far as they are those of the record.
  ///   - retrain: trains a recipe's network; nil to leave that out.
  init(
    _ recorded: TrainingRecord, of record: RunRecord, files: (faces: Splits<FaceDataset>, network: Network?),
    threads: Int, retrain: ((BadNetRecipe) throws -> TrainedBadNet)?
  ) {
    self.recorded = recorded
    self.record = record
    self.files = files
    var made: RecipeFaces?
    do {
      try recorded.recipe.training.check()
      let faces = try RecipeFaces(recorded.recipe, threads: threads)
      made = faces
      try compareFaces(faces.splits)
    } catch {
      refuse(error)
    }
    findings.append(RecipeFacts(recorded, of: record, made: made).finding)
    guard made != nil else { return }
    do {
      if let retrain {
        try compare(retrain(recorded.recipe))
      } else {
        findings.append(.notChecked("training", "not repeated; --retrain retrains the network"))
      }
    } catch {
      refuse(error)
    }
  }

  private mutating func refuse(_ error: any Error) {
    let text = "the recipe cannot be followed: \(error)"
    findings.append(needsFiles ? .notChecked("faces", text) : .compared("faces", "", differences: [text]))
  }

  /// Whether faces or triggers come from outside the run, and so may be gone.
  private var needsFiles: Bool {
    recorded.recipe.faces.folder != nil || recorded.recipe.faces.given != nil
      || recorded.recipe.attack.triggers.contains { !Trigger.drawn.contains($0) }
  }

  private mutating func compareFaces(_ made: Splits<FaceDataset>) throws {
    var differences =
      record.seed == recorded.recipe.seed
      ? [] : ["seed: \(record.seed) recorded of the run, \(recorded.recipe.seed) of its recipe"]
    var note = ""
    for split in Split.allCases {
      let (faces, source) = (made[split], record.data[split])
      guard let faces, let source else {
        if faces != nil || source != nil {
          let (first, second) = (source == nil ? "none" : "faces", faces == nil ? "none" : "faces")
          differences.append("\(split.title): \(first) recorded, \(second) regenerated")
        }
        continue
      }
      let digest = try digestOfFile { try faces.write(hdf5: $0) }
      guard digest != source.sha256 else {
        self.faces[split] = faces
        continue
      }
      if let file = files.faces[split], try file.hasSameFaces(as: faces) {
        // Another version of libhdf5 may lay out the same faces otherwise.
        note = ", the same pixels in other bytes"
      } else {
        differences += digestDifference("\(split.title) regenerated", recorded: source.sha256, found: digest)
      }
    }
    let count = Split.allCases.count { made[$0] != nil }
    findings.append(
      .compared(
        "faces", "\(count) splits regenerated from seed \(recorded.recipe.seed)\(note)", differences: differences)
    )
  }

  private mutating func compare(_ trained: TrainedBadNet) throws {
    let now = TrainingRecord(trained)
    let digest = try digestOfFile { try trained.recipe.write(trained.training.network, now: $0) }
    var differences = digestDifference("the retrained network", recorded: record.model.sha256, found: digest)
    if differences.isEmpty { network = trained.training.network }
    if files.network == trained.training.network { differences = [] }
    func compare<Value: Equatable>(_ place: String, _ own: Value?, _ other: Value?) {
      func text(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
      if own != other { differences.append("\(place): \(text(own)) recorded, \(text(other)) retrained") }
    }
    compare("images", recorded.images, now.images)
    compare("epochs", recorded.history.count, now.history.count)
    compare("best epoch", recorded.bestEpoch, now.bestEpoch)
    for (own, other) in zip(recorded.history, now.history) {
      compare("epoch", own.epoch, other.epoch)
      compare("epoch \(other.epoch), loss", own.loss, other.loss)
      compare("epoch \(other.epoch), training accuracy", own.trainingAccuracy, other.trainingAccuracy)
      compare("epoch \(other.epoch), validation accuracy", own.validationAccuracy, other.validationAccuracy)
      compare("epoch \(other.epoch), attack success", own.attackSuccess, other.attackSuccess)
    }
    training = now
    findings.append(
      .compared(
        "training", "\(now.history.count) epochs from seed \(recorded.recipe.seed), the same network",
        differences: differences))
  }
}

/// The digest of a file that `write` makes, which does not stay.
func digestOfFile(_ write: (_ path: String) throws -> Void) throws -> String {
  try withScratchFile(write) { try FileDigest.sha256(ofFileAt: $0) }
}

/// What `read` answers for a file that `write` makes, which does not stay.
func withScratchFile<Value>(
  _ write: (_ path: String) throws -> Void, _ read: (_ path: String) throws -> Value
) throws -> Value {
  // Never committed, so that it goes when this ends, or the program is interrupted.
  let scratch = StagedOutputs()
  let name = "\(FileManager.default.temporaryDirectory.path)/espalier-\(UUID().uuidString).h5"
  return try withExtendedLifetime(scratch) { try read(scratch.add(name, write)) }
}
