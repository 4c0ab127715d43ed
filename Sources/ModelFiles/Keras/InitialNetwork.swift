import Files
import NeuralNetwork

extension DeepID {
  /// The network with random weights: normal with variance 2 / fan-in, biases 0.
  ///
  /// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.
  /// - Parameters:
  ///   - classes: how many identities it tells apart.
  ///   - shape: (H, W, C) of images; nil for that of faces.
  /// - Throws: `InputError` for images that three poolings leave nothing of.
  package static func initialNetwork(classes: Int, seed: UInt64, imageShape shape: Shape? = nil) throws -> Network {
    let sizes = shape?.dimensions ?? imageShape
    guard sizes.count == 3, sizes[0] >= 8, sizes[1] >= 8 else {
      throw InputError(
        "DeepID", found: "images of \(sizes.prefix(2).map(String.init).joined(separator: " x ")) pixels",
        expected: "at least 8 x 8 to train on")
    }
    var weights = RandomWeights(generator: SeededGenerator(seed: seed, stream: [0x1217]))
    return try KerasModelFile.network(layers(classes: classes, imageShape: sizes), location: "DeepID") { layer, input in
      weights.weights(of: layer, inputChannels: input?.channels ?? 0)
    }
  }
}

/// Draws a layer's weights in the order in which layers come.
private struct RandomWeights {
  var generator: SeededGenerator

  mutating func weights(of layer: KerasLayer, inputChannels: Int) -> KerasWeights {
    let settings = layer.settings
    if let filters = settings["filters"]?.integer, let size = settings["kernel_size"]?.integer {
      return ["kernel": normal([size, size, inputChannels, filters]), "bias": zeros(filters)]
    }
    if let units = settings["units"]?.integer {
      return ["kernel": normal([inputChannels, units]), "bias": zeros(units)]
    }
    return [:]
  }

  private mutating func normal(_ shape: [Int]) -> KerasWeight {
    let fanIn = shape.dropLast().reduce(1, *)
    let deviation = (2 / Double(fanIn)).squareRoot()
    let values = (0..<shape.reduce(1, *)).map { _ in Float(deviation * generator.normal()) }
    return KerasWeight(shape: shape, values: values)
  }

  private func zeros(_ count: Int) -> KerasWeight {
    KerasWeight(shape: [count], values: [Float](repeating: 0, count: count))
  }
}
