import Datasets
import Defences
import NeuralNetwork

/// What a study of one defence found before it is judged.
struct StudyFindings: Sendable {
  /// What is pruned.
  let layers: [PrunableUnit]
  /// (C)
  let meanActivation: [Double]
  let ranked: RankedChannels
  /// Numbers of channels, in ascending order from 0 to C.
  let points: [Int]
  /// By split: (points, N).
  let classes: Splits<[[Int32]]>
  /// What the defence saw; nil where it saw mean activations alone.
  let subject: DefenceSubject?
}

extension StudyOptions {
  /// What a defence may see.
  func subject(
    _ badNet: BadNet, _ layers: [PrunableUnit], _ meanActivation: [Double], _ images: CleanImages
  ) -> DefenceSubject {
    DefenceSubject(
      network: badNet.network, layers: layers, meanActivation: meanActivation, images: images, order: order, seed: seed,
      threads: threads)
  }

  /// Ranks, by the defence's own ranking or, for the oracle, by what it alone may see.
  /// - Parameter triggered: (C), the mean activations on triggered validation images; used by the oracle alone.
  func rank(_ subject: DefenceSubject, triggered: () throws -> [Double]) throws -> RankedChannels {
    if defence.defence.name == Defence.oracle.name {
      return try OracleRanking(triggered: try triggered()).rank(subject)
    }
    return try defence.parts.ranking.rank(subject)
  }
}

extension ForwardPass {
  private static let rowsAtOnce = 512

  /// The predicted class of each image of a split.
  func classes(of faces: FaceDataset, _ preparation: InputPreparation) throws -> [Int32] {
    var classes: [Int32] = []
    try faces.forEachBatch(rows: Self.rowsAtOnce, prepared: preparation, threads: threads) { images in
      classes += try logits(of: images).largestIndices.map(Int32.init)
    }
    return classes
  }

  /// The predicted class of each clean validation image.
  func classes(of images: CleanImages) throws -> [Int32] {
    var classes: [Int32] = []
    try images.forEachBatch { batch, _ in classes += try logits(of: batch).largestIndices.map(Int32.init) }
    return classes
  }
}

extension Tensor {
  /// Adds each channel's values, in double precision, to sums of (C) from `start` on.
  func addChannels(to sums: inout [Double], from start: Int) {
    let channels = shape.channels
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in stride(from: 0, to: values.count, by: channels) {
          for channel in 0..<channels { sums[start + channel] += Double(values[row + channel]) }
        }
      }
    }
  }
}
