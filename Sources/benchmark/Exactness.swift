import NeuralNetwork

/// The fast forward pass and sweep, compared with the plain layers at every step of the pruning.
struct Exactness {
  /// What the network is called.
  let name: String
  let images: Int
  /// Steps, 0 silenced channels among them.
  let steps: Int
  let differences: [Difference]

  /// One prediction that is not that of the plain layers.
  struct Difference {
    let image: Int
    /// k.
    let silenced: Int
    let expected: Int, found: Int
    /// How much larger the plain layers' largest logit is than that of the class found, as a part of its own size.
    let margin: Double
  }

  /// How many predictions were compared.
  var compared: Int { images * steps }

  /// - Parameter images: (N, H, W, C), scaled.
  init(_ name: String, _ network: Network, layer: String, images: Tensor, threads: Int) throws {
    let index = try network.index(of: layer)
    let sweep = try SilencingSweep(network, layer: index, threads: threads)
    func frontier(_ pass: ForwardPass) throws -> [Int: Tensor] {
      let values = try pass.values(of: sweep.frontier, given: [0: images])
      return Dictionary(uniqueKeysWithValues: zip(sweep.frontier, values))
    }
    let plain = ForwardPass(network, threads: threads, kernels: nil)
    var given = try frontier(plain)
    let order = given[index]?.leastActiveChannels ?? []
    let found = try sweep.predictions(try frontier(ForwardPass(network, threads: threads)), order: order)
    var differences: [Difference] = []
    for silenced in 0...order.count {
      if silenced > 0 { given[index]?.silence(order[silenced - 1]) }
      let logits = try plain.values(of: [network.output], given: given)[0]
      for (image, expected) in logits.largestIndices.enumerated() where Int(found[silenced][image]) != expected {
        let row = image * logits.shape.count
        let largest = logits.values[row + expected]
        let other = logits.values[row + Int(found[silenced][image])]
        differences.append(
          Difference(
            image: image, silenced: silenced, expected: expected, found: Int(found[silenced][image]),
            margin: Double((largest - other) / abs(largest))))
      }
    }
    self.name = name
    self.images = images.count
    steps = order.count + 1
    self.differences = differences
  }
}

extension Tensor {
  fileprivate mutating func silence(_ channel: Int) {
    for index in stride(from: channel, to: values.count, by: shape.channels) { values[index] = 0 }
  }
}
