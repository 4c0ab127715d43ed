import Datasets
import Experiment

/// What figures and reports call the images of a run: faces of identities, or images of classes.
struct Words {
  let face: String, faces: String, identities: String

  /// Faces where they were drawn or came from a folder of faces, and where a given network's splits are HDF5 files of the
  /// lab's form with nothing said about reading them; images elsewhere.
  init(_ record: RunRecord) {
    let areFaces: Bool
    if let training = record.training {
      areFaces = training.recipe.faces.given == nil
    } else {
      let paths = Split.allCases.compactMap { record.data[$0]?.path }
      areFaces =
        record.reading == nil && record.model.mean == nil && record.model.std == nil
        && paths.allSatisfy { path in ![".npz", ".npy", ".gz", ".bin", "ubyte"].contains { path.contains($0) } }
    }
    (face, faces, identities) = areFaces ? ("face", "faces", "identities") : ("image", "images", "classes")
  }
}

extension Comparison {
  /// What the images of its runs are called.
  var words: Words { runs[0].record.words }
}

extension RunRecord {
  /// What its images are called.
  var words: Words { Words(self) }
}
