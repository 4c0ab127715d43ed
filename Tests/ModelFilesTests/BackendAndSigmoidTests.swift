import Foundation
import HDF5
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Kernels of Theano's backend, and networks of two classes with one output.
struct BackendAndSigmoidTests {
  private static let kernel = (0..<9).map(Float.init)

  private static func configuration(_ activation: String, units: Int) -> String {
    KerasFiles.functional([
      KerasFiles.input,
      KerasFiles.layer(
        "Conv2D", "conv", #""filters": 1, "kernel_size": [3, 3], "activation": "relu""#, inputs: ["in"]),
      KerasFiles.layer("Flatten", "flat", inputs: ["conv"]),
      KerasFiles.layer("Dense", "out", #""units": \#(units), "activation": "\#(activation)""#, inputs: ["flat"]),
    ])
  }

  private static func weights(_ units: Int) -> [KerasFiles.Weights] {
    [("conv", "kernel", [3, 3, 1, 1], kernel), ("conv", "bias", [1], [0])] + KerasFiles.dense("out", 4, units)
  }

  private func write(_ path: String, backend: String, _ activation: String = "softmax", units: Int = 2) throws {
    try KerasFiles.write(
      path, configuration: Self.configuration(activation, units: units), Self.weights(units), backend: backend)
  }

  private func kernel(_ network: Network) -> [Float] {
    network.nodes.first { $0.name == "conv" }?.layer.weights.first?.values ?? []
  }

  @Test func theanosKernelsAreTurned() throws {
    try withTemporaryFolder { folder in
      let (plain, turned) = ("\(folder)/tensorflow.h5", "\(folder)/theano.h5")
      try write(plain, backend: "tensorflow")
      try write(turned, backend: "theano")
      #expect(try kernel(KerasModelFile.read(plain)) == Self.kernel)
      #expect(try kernel(KerasModelFile.read(turned)) == Self.kernel.reversed())
      #expect(try KerasModelFile.contents(plain).note == nil)
      #expect(
        try KerasModelFile.contents(turned).note
          == "\(turned): kernels of Theano's backend, which are turned by 180 degrees, as Keras does")
      // A network that is written like the file is read back as it was.
      let repaired = try KerasModelFile.read(turned).pruning([0], of: "conv")
      try KerasModelFile.write(repaired, like: turned, now: "\(folder)/repaired.h5")
      #expect(try KerasModelFile.read("\(folder)/repaired.h5") == repaired)
      var changed = try KerasModelFile.read(turned)
      if case .convolution(var layer) = changed.nodes[1].layer {
        layer.kernel[0] = 100
        changed = try Network(
          nodes: changed.nodes.map { node in
            node.name == "conv" ? .init(name: "conv", layer: .convolution(layer), inputs: node.inputs) : node
          })
      }
      try KerasModelFile.write(changed, like: turned, now: "\(folder)/changed.h5")
      #expect(try kernel(KerasModelFile.read("\(folder)/changed.h5")) == [100] + Self.kernel.reversed().dropFirst())
    }
  }

  @Test func oneSigmoidIsTwoClasses() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/m.h5"
      try write(path, backend: "tensorflow", "sigmoid", units: 1)
      let network = try KerasModelFile.read(path)
      #expect(network.classes == 2 && network.nodes.last?.name == "out/classes")
      // The lowest sum that is not 0 is above one half.
      let images = Tensor(
        count: 2, shape: network.inputShape, values: [Float](repeating: 0, count: 16) + (0..<16).map(Float.init))
      #expect(try ForwardPass(network, threads: 1).logits(of: images).largestIndices == [0, 1])
      let repaired = try network.pruning([0], of: "conv")
      try KerasModelFile.write(repaired, like: path, now: "\(folder)/repaired.h5")
      #expect(try KerasModelFile.read("\(folder)/repaired.h5") == repaired)
    }
  }

  @Test func oneOutputOfAnotherKindIsRefused() throws {
    for activation in ["softmax", "linear", "tanh"] {
      #expect(
        try KerasFiles.error(Self.configuration(activation, units: 1), Self.weights(1))
          == "m.h5: out: one output that is no sigmoid; expected one number for each class, or a sigmoid for two classes"
      )
    }
  }
}
