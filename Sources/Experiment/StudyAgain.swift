import Attacks
import Datasets
import Defences
import Files

extension StudyOptions {
  /// The options that a run was made with.
  /// - Throws: `InputError` where its defence is not known.
  public init(of record: RunRecord, threads: Int) throws {
    self.init(
      layer: record.layer, order: record.order, drops: record.repaired.map(\.drop), seed: record.seed,
      excludesTarget: record.excludesTarget, validationSample: record.validationSample?.rows, threads: threads)
    defence = try record.defenceChoice
  }
}

extension StudySources {
  /// The files that a run on a given network was made from, as its record names them; nil for a network trained here.
  public init?(of record: RunRecord) {
    guard record.training == nil else { return nil }
    self.init(
      model: record.model.path, inputScale: record.model.inputScale, data: record.data.map { $1.path })
  }
}

extension RunRecord {
  /// - Parameter location: where this record lies.
  /// - Throws: `InputError` with the first line in which a run made again differs from this one.
  public func requireSame(as again: RunRecord, location: String) throws {
    var again = again
    if defence == nil { again.forgetDefence() }
    guard let difference = TextDifference.first(try json, try again.json) else { return }
    throw InputError(location, found: "made again it differs, \(difference)", expected: "the same record")
  }
}

extension RunRecord {
  /// Leaves out what records had not before defences could be chosen.
  package mutating func forgetDefence() {
    (defence, recoveryAccuracy) = (nil, nil)
    for index in repaired.indices {
      (repaired[index].recoveryAccuracy, repaired[index].defenceEffectiveness) = (nil, nil)
    }
  }
}
