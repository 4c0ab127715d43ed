import Datasets
import Files

/// What a run leaves in its folder.
public enum KeptFiles: String, CaseIterable, Sendable {
  /// The record and the networks; of a network that was trained here also the network itself and its faces.
  case all
  /// `run.json`, `curve.csv` and `environment.json`: everything else can be made again from the seed.
  case record
}

extension RunFolder {
  /// The networks and faces of a run, by their paths in its folder.
  static func remakable(_ record: RunRecord) -> [String] {
    let trained = record.training == nil ? [] : ["badnet.h5"] + Split.allCases.map { "faces/\($0.fileName)" }
    return record.models + trained
  }

  /// Whether the folder holds none of the networks and faces of its record: the run was made with `KeptFiles.record`, or
  /// they were removed.
  public func keepsRecordAlone(_ record: RunRecord) -> Bool {
    let files = Self.remakable(record)
    return !files.isEmpty && files.allSatisfy { !OutputFile.isFile("\(path)/\($0)") }
  }

  /// A file that the record speaks of, and that is gone while others are there; nil where the run is whole, or its record
  /// alone was kept.
  func missingFile(of record: RunRecord) -> String? {
    let missing = (["curve.csv"] + record.models).first { !OutputFile.isFile("\(path)/\($0)") }
    guard let missing, missing != "curve.csv" else { return missing }
    return keepsRecordAlone(record) ? nil : missing
  }
}
