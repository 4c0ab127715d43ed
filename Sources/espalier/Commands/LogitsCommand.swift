import ArgumentParser
import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// What a network answers, number by number: for checks against other programs.
struct LogitsCommand: ParsableCommand {
  static let name = "logits"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Write a network's logits for images, all as 32-bit floats in host order.",
    shouldDisplay: false)

  @Argument(help: "The network.")
  var model: String

  @Argument(help: "(N, H, W, C), scaled.")
  var images: String

  @Argument(help: "(N, classes), written.")
  var output: String

  @Option(help: "H,W,C of the images, for a network that leaves sizes open.")
  var shape: String?

  @Option(help: "The output that counts.")
  var outputLayer: String?

  func run() throws {
    let extents = shape?.split(separator: ",").compactMap { Int($0) }
    let network = try ModelFile.contents(model, imageShape: extents, outputLayer: outputLayer).network
    let bytes = try FileBytes.read(images, limit: 1 << 30)
    let values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let size = network.inputShape.count
    guard values.count % size == 0 else {
      throw InputError(images, found: "\(values.count) numbers", expected: "a multiple of \(size)")
    }
    let tensor = Tensor(count: values.count / size, shape: network.inputShape, values: values)
    let logits = try ForwardPass(network, threads: 2).logits(of: tensor)
    try OutputFile.write(logits.values.withUnsafeBytes { Array($0) }, to: output)
  }
}
