import NeuralNetwork

extension Defence {
  /// Chance: what any ranking has to beat.
  public static let random = Defence(
    name: "random", summary: "silences channels in an order that the seed draws", paper: nil,
    deviation: "is a baseline: what any ranking has to beat", usesSeed: true
  ) { _ in Parts(ranking: RandomRanking()) }
}

struct RandomRanking: ChannelRanking {
  func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    let order = PruningOrder.random.channels(
      meanActivation: subject.meanActivation, weightNorms: { [] }, seed: subject.seed)
    var places = [Double](repeating: 0, count: order.count)
    for (place, channel) in order.enumerated() { places[channel] = Double(place) }
    return RankedChannels(scores: places, order: order, images: 0)
  }
}
