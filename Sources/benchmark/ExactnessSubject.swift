import Datasets
import Experiment
import Files
import ModelFiles
import NeuralNetwork
import Report

/// A network whose sweep is checked, with the faces for it.
struct ExactnessSubject {
  private let name: String
  private let badNet: BadNet
  private let layer: String
  private let faces: [FaceDataset]

  /// The measured network, those of `--check` on the same faces, and those of `--check-run` on their own.
  /// - Throws: what a file or a folder is not.
  static func all(of options: Benchmark, _ workload: Workload) throws -> [ExactnessSubject] {
    let measured = ExactnessSubject(
      name: shortened(workload.model), badNet: workload.badNet, layer: workload.layer, faces: workload.files)
    return try [measured] + options.check.map { try ExactnessSubject(file: $0, workload) }
      + options.checkRun.map { try ExactnessSubject(run: $0) }
  }

  func checked(atMost most: Int, threads: Int) throws -> Exactness {
    let count = min(most, faces.reduce(0) { $0 + $1.count })
    let images = try faces.rows(count, scale: badNet.inputScale).images
    return try Exactness(name, badNet.network, layer: layer, images: images, threads: threads)
  }

  private init(name: String, badNet: BadNet, layer: String, faces: [FaceDataset]) {
    self.name = name
    self.badNet = badNet
    self.layer = layer
    self.faces = faces
  }

  /// - Parameter text: a file and its scale.
  private init(file text: String, _ workload: Workload) throws {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let scale = InputScale.value(parts[1]) else {
      throw InputError("--check", found: text, expected: "a file and its scale, as weights.h5=1/255")
    }
    let network = try KerasModelFile.read(parts[0])
    for file in workload.files { try file.require(imageShape: network.inputShape, classes: network.classes) }
    self.init(
      name: Self.shortened(parts[0]), badNet: BadNet(network: network, inputScale: scale), layer: workload.layer,
      faces: workload.files)
  }

  private init(run: String) throws {
    let record = try RunRecord.read(run)
    guard record.training != nil else {
      throw InputError(run, found: "a run on a given network", expected: "one that trained its own, for --check-run")
    }
    let network = try KerasModelFile.read("\(run)/\(record.model.path)")
    let paths = Split.allCases.compactMap { record.data[$0]?.path }
    self.init(
      name: Self.shortened(run), badNet: BadNet(network: network, inputScale: record.model.inputScale),
      layer: record.layer, faces: try paths.map { try FaceDataset(file: "\(run)/\($0)") })
  }

  /// The last two names of a path.
  private static func shortened(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
