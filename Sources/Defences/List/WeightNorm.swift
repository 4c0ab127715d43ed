extension Defence {
  /// The smallest filters go first: what pruning for speed does, and no paper offers as a defence.
  public static let weightNorm = Defence(
    name: "weight-norm", summary: "silences the smallest filters first, by their Euclidean norm", paper: nil,
    deviation: "is a baseline: pruning for speed, as of Li et al., Pruning filters for efficient ConvNets, ICLR 2017"
  ) { _ in Parts(ranking: WeightNormRanking()) }
}

struct WeightNormRanking: ChannelRanking {
  func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    let norms = try subject.weightNorms()
    return RankedChannels(scores: norms, keys: subject.comparable(norms), images: 0)
  }
}
