import NeuralNetwork

extension Defence {
  /// Liu, Dolan-Gavitt & Garg, RAID 2018, section 3.1: the channels that clean images excite least go first.
  public static let pruning = Defence(
    name: "pruning", summary: "silences the channels that clean images excite least",
    paper: """
      Liu, Dolan-Gavitt and Garg, Fine-pruning: defending against backdooring attacks on deep neural networks, RAID 2018, \
      section 3.1
      """,
    deviation: "stops at a drop of X points and goes on to the last channel for the curve"
  ) { _ in Parts(ranking: ActivationRanking()) }
}

/// Channels by their mean activation on clean images, in the subject's order.
struct ActivationRanking: ChannelRanking {
  func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    let means = subject.comparable(subject.meanActivation)
    let order = try subject.order.channels(
      meanActivation: means, weightNorms: { try subject.comparable(subject.weightNorms()) }, seed: subject.seed)
    return RankedChannels(scores: subject.meanActivation, order: order, images: subject.images.count)
  }
}

extension DefenceSubject {
  /// (C): the Euclidean norm of the weights that make each channel.
  func weightNorms() throws -> [Double] { try layers.flatMap { try network.channelWeightNorms(of: $0.layer) } }
}
