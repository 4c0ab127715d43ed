import Attacks
import Datasets
import Files
import ModelFiles

extension TrainedBadNet {
  /// The network, for a study.
  public var badNet: BadNet { BadNet(network: training.network, inputScale: 1) }

  /// Puts the network and the faces of a training into a run's folder, or only takes their digests.
  ///
  /// - Parameters:
  ///   - keep: whether the files stay.
  ///   - outputs: which they are added to; they appear when it is committed.
  /// - Returns: what the record says of them; paths are those inside the folder, so that the same recipe is the same
  ///   record wherever the folder lies.
  public func stage(
    in folder: RunFolder, keep: KeptFiles = .all, outputs: StagedOutputs
  ) throws -> (model: RunRecord.ModelSource, data: Splits<RunRecord.DataSource>) {
    func digest(of name: String, _ write: (String) throws -> Void) throws -> String {
      switch keep {
      case .all: try FileDigest.sha256(ofFileAt: outputs.add("\(folder.path)/\(name)", write))
      case .record: try digestOfFile(write)
      }
    }
    let model = RunRecord.ModelSource(
      path: "badnet.h5", sha256: try digest(of: "badnet.h5") { try recipe.write(training.network, now: $0) },
      inputScale: 1, identities: training.network.classes, parameters: training.network.parameterCount)
    let data = try faces.map { split, faces in
      let name = "faces/\(split.fileName)"
      return RunRecord.DataSource(
        path: name, sha256: try digest(of: name) { try faces.write(hdf5: $0) }, rows: faces.count)
    }
    return (model, data)
  }
}

extension Split {
  /// What the lab calls such a file.
  public var fileName: String {
    switch self {
    case .cleanValid: "valid.h5"
    case .cleanTest: "test.h5"
    case .backdooredValid: "bd_valid.h5"
    case .backdooredTest: "bd_test.h5"
    }
  }
}
