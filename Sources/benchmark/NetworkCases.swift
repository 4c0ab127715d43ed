import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// What is measured of networks of other kinds than the workload's: those that PyTorch's users hand over, at 32 x 32.
struct NetworkCases {
  private let python: PythonPeers
  private let folder: String
  private let threads: Int
  private let measurement: Measurement
  private let rows: Int

  /// By the name of its folder: what a reader calls it, and the aim of its forward pass.
  private static let networks = [
    (folder: "resnet18", title: "ResNet-18", aim: 1.8), (folder: "vgg16", title: "VGG16", aim: 1.6),
    (folder: "mobilenetv2", title: "MobileNetV2", aim: 1.5),
  ]

  /// Makes the networks and their images.
  /// - Returns: nil, after a word, where PyTorch does not write them.
  init?(_ python: PythonPeers, folder: String, threads: Int, measurement: Measurement) throws {
    (self.python, self.folder, self.threads) = (python, "\(folder)/networks", threads)
    rows = measurement.isTrial ? 16 : 512
    self.measurement = Measurement(repeats: min(3, measurement.repeats))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python.interpreter)
    process.arguments = ["\(python.script)/networks.py", self.folder]
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    let made = self.folder
    let isThere = Self.networks.allSatisfy { network in
      FileManager.default.fileExists(atPath: "\(made)/\(network.folder)/model.onnx")
    }
    guard process.terminationStatus == 0, isThere else {
      Console.say("other networks are left out: PyTorch did not write them")
      return nil
    }
    // As the files have them: (N, C, H, W).
    var generator = SeededGenerator(seed: 1)
    let planes = (0..<rows * 3 * 32 * 32).map { _ in Float(generator.normal()) }
    for network in Self.networks {
      let path = "\(self.folder)/\(network.folder)/images.f32"
      try planes.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
    }
    var values = [Float](repeating: 0, count: planes.count)
    for index in planes.indices {
      let (plane, place) = index.quotientAndRemainder(dividingBy: 1024)
      let (image, channel) = plane.quotientAndRemainder(dividingBy: 3)
      values[(image * 1024 + place) * 3 + channel] = planes[index]
    }
    images = Tensor(count: rows, shape: try Shape([32, 32, 3]), values: values)
  }

  private let images: Tensor

  /// Every case, and sentences on whether ONNX Runtime predicts the same.
  func measured() throws -> (speed: [SpeedCase], checks: [String]) {
    var (speed, checks) = ([SpeedCase](), [String]())
    for (name, title, aim) in Self.networks {
      let network = try ModelFile.read("\(folder)/\(name)/model.onnx")
      let peer = try Peer("network", python: python, folder: "\(folder)/\(name)", threads: threads)
      defer { peer.close() }
      speed.append(try forward(network, title, aim, peer))
      checks.append(try agreement(network, title, peer))
      if name == "resnet18" { speed.append(try oneImage(network, title, peer)) }
      if name == "resnet18" { speed.append(try sweep(network, title, peer, aim: 1 / 1.2)) }
      if name == "vgg16" { speed.append(try wideSweep(network, title, peer)) }
    }
    speed.append(try training())
    return (speed, checks)
  }

  private func forward(_ network: Network, _ title: String, _ aim: Double, _ peer: Peer) throws -> SpeedCase {
    let unit = Unit.imagesPerSecond(rows)
    var field = Field()
    var ours: [(title: String, ours: Int, aim: Double?)] = []
    let best = Kernels.chosen
    for kernels in Kernels.available where kernels.name == best.name || kernels.name == "AVX2" {
      let pass = ForwardPass(network, threads: threads, kernels: kernels)
      let place = field.add(Contender("Espalier, \(kernels.name)", unit) { _ = try pass.logits(of: images) })
      let held = kernels.name == best.name ? "" : ", held to \(kernels.name)"
      ours.append(("\(title), forward pass\(held)", place, aim))
    }
    field.add(peer, ", batch 256", unit, command: "forward 256", compared: ours)
    return try field.measured(
      "\(title), forward pass",
      method: "The file that `torch.onnx.export` wrote, read by both; images in memory to logits.",
      by: measurement)
  }

  private func agreement(_ network: Network, _ title: String, _ peer: Peer) throws -> String {
    let ours = try ForwardPass(network, threads: threads).logits(of: images).largestIndices
    let file = "\(folder)/predictions.i32"
    _ = try peer.ask("predict \(file)")
    let theirs = try Data(contentsOf: URL(fileURLWithPath: file)).withUnsafeBytes {
      Array($0.bindMemory(to: Int32.self))
    }
    let same = zip(ours, theirs).count { $0 == Int($1) }
    return "\(peer.version) predicts the same class of \(title) as Espalier for \(same) of \(ours.count) images."
  }

  private func oneImage(_ network: Network, _ title: String, _ peer: Peer) throws -> SpeedCase {
    let calls = measurement.isTrial ? 2 : 20
    let pass = ForwardPass(network, threads: threads)
    let image = images.images(0..<1)
    let unit = Unit.millisecondsPerCall(calls)
    var field = Field()
    field.add(Contender("Espalier", unit) { for _ in 0..<calls { _ = try pass.logits(of: image) } })
    field.add(peer, "", unit, command: "one \(calls)", compared: [("\(title), one image", 0, 1.5)])
    return try field.measured(
      "\(title), one image", method: "One image to logits, \(calls) times in a row.", by: measurement)
  }

  /// The last layer whose channels are maps, to its last channel; ONNX Runtime runs once.
  private func sweep(_ network: Network, _ title: String, _ peer: Peer, aim: Double?) throws -> SpeedCase {
    var field = Field()
    let channels = try addSweep(of: network, title, to: &field)
    field.add(
      peer, ", one forward pass, no sweep", .seconds, command: "forward 256",
      compared: [("\(title), forward pass and whole sweep (\(channels) channels)", 0, aim)])
    return try field.measured(
      "\(title), forward pass and whole sweep",
      method:
        "Images to their classes at each of 0 to \(channels) silenced channels of the last maps; ONNX Runtime runs once.",
      by: measurement)
  }

  /// The same before dense layers of 4,096 units, beside those who compute all of these at every step.
  private func wideSweep(_ network: Network, _ title: String, _ peer: Peer) throws -> SpeedCase {
    var field = Field()
    let channels = try addSweep(of: network, title, to: &field)
    field.add(peer, ", one forward pass, no sweep", .seconds, command: "forward 256", compared: [])
    let place = "\(folder)/vgg16"
    let prefix = try Peer("prefix-sweep", python: python, folder: place, threads: threads)
    let loop = try Peer("loop-sweep", python: python, folder: place, threads: threads)
    defer { for peer in [prefix, loop] { peer.close() } }
    let compared = "\(title), forward pass and whole sweep (\(channels) channels)"
    field.add(
      prefix, ", the last maps computed once, the rest at each step", .seconds, command: "sweep 8",
      compared: [(compared, 0, 6)])
    field.add(loop, ", predict again at each step", .seconds, command: "sweep 2", compared: [(compared, 0, 100)])
    return try field.measured(
      "\(title), forward pass and whole sweep",
      method: """
        Images to their classes at each of 0 to \(channels) silenced channels of the last maps. ONNX Runtime runs once, for \
        scale. Of the others' steps 8 and 2 are timed and multiplied.
        """, by: measurement)
  }

  private func addSweep(of network: Network, _ title: String, to field: inout Field) throws -> Int {
    guard let layer = network.defaultPrunedLayer else {
      throw InputError(title, found: "no layer that can be pruned", expected: "one")
    }
    let sweep = try SilencingSweep(network, layer: layer, threads: threads)
    let pass = ForwardPass(network, threads: threads)
    let (channels, images) = (network.shapes[layer].channels, images)
    field.add(
      Contender("Espalier, forward pass and sweep", .seconds) {
        let values = try pass.values(of: sweep.frontier, given: [0: images])
        _ = try sweep.predictions(
          Dictionary(uniqueKeysWithValues: zip(sweep.frontier, values)), order: Array(0..<channels))
      })
    return channels
  }

  private func training() throws -> SpeedCase {
    let (batch, rows) = (min(64, rows), min(128, rows))
    let unit = Unit.imagesPerSecond(rows)
    let start = try Architecture.initialNetwork(named: "resnet-18", classes: 10, seed: 1, imageShape: images.shape)
    let images = images
    var field = Field()
    field.add(
      Contender("Espalier", unit) {
        var network = start
        var optimizer = Optimizer(.sgd, momentum: 0.9, weightDecay: 0.0005)
        for first in stride(from: 0, to: rows, by: batch) {
          let range = first..<min(rows, first + batch)
          let result = try BackwardPass(network, threads: threads, normalization: .batch).run(
            images: images.images(range), labels: range.map { $0 % 10 })
          optimizer.step(&network, gradients: result.gradients, rate: 0.01, threads: threads)
          network.moveStatistics(towards: result.statistics, share: 0.1)
        }
      })
    let peer = try Peer("residual-training", python: python, folder: "\(folder)/resnet18", threads: threads)
    defer { peer.close() }
    field.add(
      peer, "", unit, command: "train \(batch) \(rows)", compared: [("ResNet-18, training, batch \(batch)", 0, 3)])
    return try field.measured(
      "ResNet-18, training",
      method: "Forward, backward with batch statistics and a step of SGD for every batch of \(batch).", by: measurement)
  }
}
