import NeuralNetwork

extension Defence {
  /// Molchanov et al., ICLR 2017: channels whose removal would change the loss least, to first order, go first.
  public static let taylor = Defence(
    name: "taylor", summary: "silences first the channels whose gradient times activation is smallest on clean images",
    paper: """
      Molchanov, Tyree, Karras, Aila and Kautz, Pruning convolutional neural networks for resource efficient inference, \
      ICLR 2017
      """,
    deviation: "ranks once and does not train between channels; nobody has published it as a defence"
  ) { _ in Parts(ranking: TaylorRanking()) }
}

/// The mean over images of |the mean over positions of dL/dz z|, with L each image's own cross-entropy.
package struct TaylorRanking: ChannelRanking {
  package init() {}

  package func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    var scores = [Double](repeating: 0, count: subject.channels)
    try subject.images.forEachBatch { images, labels in
      for (layer, start) in zip(subject.layers, subject.starts) {
        let traced = try subject.network.activationGradient(
          of: layer.layer, images: images, labels: labels, threads: subject.threads)
        let (channels, positions) = (layer.channels, traced.value.shape.positions)
        for image in 0..<images.count {
          var products = [Double](repeating: 0, count: channels)
          for place in 0..<positions * channels {
            let index = image * positions * channels + place
            products[place % channels] += Double(traced.value.values[index]) * Double(traced.gradient.values[index])
          }
          for channel in 0..<channels { scores[start + channel] += abs(products[channel]) / Double(positions) }
        }
      }
    }
    scores = scores.map { $0 / Double(subject.images.count) }
    return RankedChannels(scores: scores, keys: subject.comparable(scores), images: subject.images.count)
  }
}
