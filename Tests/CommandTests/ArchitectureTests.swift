import Foundation
import HDF5
import ModelFiles
import NeuralNetwork
import Testing

/// `--architecture`: other networks than DeepID, trained here.
@Suite struct ArchitectureTests {
  private static let recipe = [
    "--identities", "3", "--training-images", "8", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
    "--batch-size", "8",
  ]

  /// A small residual network with batch normalisation for drawn faces.
  private func file(in sandbox: Sandbox, classes: Int = 3) throws -> String {
    let window = try Window(height: 3, width: 3, strideY: 2, strideX: 2, padding: .same)
    func convolution(_ input: Int) -> Layer {
      .convolution(
        Convolution(
          window: window, inputChannels: input, filters: 8, kernel: [Float](repeating: 0, count: 72 * input), bias: nil)
      )
    }
    let normalization = BatchNormalization(
      gamma: [Float](repeating: 1, count: 8), beta: [Float](repeating: 0, count: 8),
      mean: [Float](repeating: 0, count: 8), variance: [Float](repeating: 1, count: 8), epsilon: 1e-3)
    let network = try Network(nodes: [
      .init(name: "input", layer: .input(Shape(DeepID.imageShape)), inputs: []),
      .init(name: "a", layer: convolution(3), inputs: [0]),
      .init(name: "a_bn", layer: .batchNormalization(normalization), inputs: [1]),
      .init(name: "a_relu", layer: .activation(.relu), inputs: [2]),
      .init(name: "b", layer: convolution(8), inputs: [3]),
      .init(name: "b_bn", layer: .batchNormalization(normalization), inputs: [4]),
      .init(name: "b_relu", layer: .activation(.relu), inputs: [5]),
      .init(name: "mean", layer: .globalAveragePooling(keepsDimensions: false), inputs: [6]),
      .init(
        name: "output",
        layer: .dense(
          Dense(
            inputs: 8, units: classes, kernel: [Float](repeating: 0, count: 8 * classes),
            bias: [Float](repeating: 0, count: classes), activation: .softmax)), inputs: [7]),
    ])
    try KerasModelFile.write(network, to: sandbox.path("net.h5"))
    return "net.h5"
  }

  @Test func aRunOfAFilesLayersIsRecordedReportedAndVerified() throws {
    let sandbox = try Sandbox()
    let architecture = ["--architecture", try file(in: sandbox)]
    let outcome = try sandbox.espalier(
      ["run", "--output", "own", "--figure", "f.png", "--report", "r.md", "--threads", "2"] + Self.recipe + architecture
    )
    #expect(outcome.status == 0, "\(outcome.error)")
    let record = try sandbox.text("own/run.json")
    #expect(record.contains("\"architecture\" : \"net.h5\"") && record.contains("\"architectureDigest\" : \""))
    #expect(record.contains("\"layer\" : \"b_relu\""))
    let report = try sandbox.text("r.md")
    #expect(report.contains("The network is that of `net.h5` with He's initial weights"))
    #expect(report.contains("--architecture net.h5"))
    let network = try KerasModelFile.read(sandbox.path("own/badnet.h5"))
    guard case .batchNormalization(let layer) = network.nodes[2].layer else { return }
    #expect(layer.mean.contains { $0 != 0 } && layer.variance.contains { $0 != 1 })
    let verified = try sandbox.espalier(["verify", "own", "--retrain"])
    #expect(verified.status == 0, "\(verified.output)")
    // On another instruction set and thread.
    let again = try sandbox.run(
      "espalier", ["train", "--output", "again.h5", "--threads", "1"] + Self.recipe + architecture,
      environment: ["ESPALIER_KERNELS": "baseline"])
    #expect(again.status == 0, "\(again.error)")
    #expect(try sandbox.files()["again.h5"] == sandbox.files()["own/badnet.h5"])
  }

  @Test func aKilledTrainingGoesOn() throws {
    let sandbox = try Sandbox()
    let arguments =
      ["train", "--architecture", try file(in: sandbox)] + Self.recipe + ["--epochs", "30", "--optimizer", "adam"]
    #expect(try sandbox.espalier(arguments + ["--output", "whole.h5"]).status == 0)
    let process = try sandbox.start(arguments + ["--output", "killed.h5"], environment: [:])
    while process.isRunning, !FileManager.default.fileExists(atPath: sandbox.path("killed.h5.checkpoint")) {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let outcome = try sandbox.espalier(arguments + ["--output", "killed.h5"])
    #expect(outcome.status == 0 && outcome.error.contains("resumed after epoch"), "\(outcome.error)")
    let files = try sandbox.files()
    #expect(files["killed.h5"] == files["whole.h5"] && files["killed.json"] == files["whole.json"])
  }

  @Test func namedArchitecturesBeginATraining() throws {
    for architecture in Architecture.named {
      let network = try Architecture.initialNetwork(
        named: architecture.name, classes: 10, seed: 1, imageShape: Shape([32, 32, 3]))
      #expect(network.classes == 10 && network.defaultPrunedLayer != nil)
      #expect(KerasModelFile.canWrite(network))
    }
    let residual = try Architecture.initialNetwork(
      named: "resnet-18", classes: 10, seed: 1, imageShape: Shape([32, 32, 3]))
    // As counted for the CIFAR form of the network: 11,173,962 trained, and 9,600 running means and variances.
    #expect(residual.parameterCount == 11_173_962 + 9_600)
  }

  @Test func whatDoesNotSuitIsSaid() throws {
    let sandbox = try Sandbox()
    let name = try file(in: sandbox, classes: 4)
    for (arguments, message) in [
      (
        ["--architecture", "resnet-19"],
        "--architecture: resnet-19; expected deepid, resnet-18, vgg-16, or a model file"
      ),
      (["--architecture", name], "net.h5: a network of 4 classes; expected one of 3"),
      (
        ["--architecture", "valid.h5"],
        "valid.h5: no attribute layer_names; expected a Keras HDF5 model or weights file (.h5)"
      ),
    ] {
      let outcome = try sandbox.espalier(["train", "--output", "x.h5"] + Self.recipe + arguments)
      #expect(outcome.status == 2 && outcome.error == "espalier: \(message)\n", "\(outcome.error)")
    }
  }
}
