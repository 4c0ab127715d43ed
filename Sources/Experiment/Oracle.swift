import Datasets
import Defences
import Files

extension Defence {
  /// Every defence that a study can run, the oracle last, which is none.
  public static let studied: [Defence] = Defence.all + [.oracle]

  /// What ranking could do if it saw the attack: an upper bound to draw beside the others, and no defence. It lives here,
  /// because nothing in Defences may see triggered images.
  public static let oracle = Defence(
    name: "oracle", summary: "silences first the channels that the trigger excites most, and is no defence", paper: nil,
    deviation: "sees triggered validation images, which no defence may: a mark to measure the others by"
  ) { _ in Parts(ranking: OracleRanking(triggered: [])) }
}

/// By how much more a channel is excited by triggered validation images than by clean ones, in units of its layer's norm
/// where there are several layers.
struct OracleRanking: ChannelRanking {
  /// (C): mean activations on triggered validation images.
  let triggered: [Double]

  func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    guard triggered.count == subject.meanActivation.count else { throw Self.missing }
    let excess = zip(triggered, subject.meanActivation).map { $0 - $1 }
    return RankedChannels(
      scores: excess, keys: subject.comparable(excess).map { -$0 }, images: subject.images.count)
  }

  /// The triggered images that the oracle ranks by.
  /// - Throws: `InputError` where there are none.
  static func images(_ data: Splits<FaceDataset>) throws -> FaceDataset {
    guard let faces = data.backdooredValid else { throw missing }
    return faces
  }

  private static var missing: InputError {
    InputError(
      Split.backdooredValid.option, found: "not given",
      expected: "triggered validation images, which the oracle ranks by")
  }
}
