import Datasets
import Experiment
import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// What is measured on: a network, and its faces repeated up to a number of rows.
struct Workload {
  /// Where the network was read from.
  let model: String
  let badNet: BadNet
  /// The pruned layer, by name and as a node of the network.
  let layer: String, layerIndex: Int
  /// HDF5 faces, as they were given.
  let files: [FaceDataset]
  /// (N, H, W, C), scaled as the network expects.
  let images: Tensor
  /// (N)
  let labels: [Int]
  /// The channels of the layer, least active on these images first.
  let order: [Int]

  /// Reads a network and faces.
  /// - Throws: what the files are not; `InputError` where they do not suit each other.
  init(model: String, inputScale: Double, layer: String, faces: [String], rows: Int, threads: Int) throws {
    self.model = model
    self.layer = layer
    badNet = BadNet(network: try KerasModelFile.read(model), inputScale: inputScale)
    let network = badNet.network
    layerIndex = try network.index(of: layer)
    files = try faces.map { try FaceDataset(file: $0) }
    for file in files { try file.require(imageShape: network.inputShape, classes: network.classes) }
    (images, labels) = try files.rows(rows, scale: inputScale)
    let map = try ForwardPass(network, threads: threads).values(of: [layerIndex], given: [0: images])[0]
    order = map.leastActiveChannels
  }

  /// How many faces there are before any is repeated.
  var distinct: Int { min(images.count, files.reduce(0) { $0 + $1.count }) }

  /// Writes what the other frameworks read into `folder`: the network, one with random weights, images, labels, order.
  func write(to folder: String, random: Network) throws {
    try KerasModelFile.write(badNet.network, to: "\(folder)/model.h5")
    try KerasModelFile.write(random, to: "\(folder)/random.h5")
    func write<Element>(_ values: [Element], to name: String) throws {
      try values.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    }
    try write(images.values, to: "images.f32")
    try write(labels.map(Int32.init), to: "labels.i32")
    try write(order.map(Int32.init), to: "order.i32")
    try OutputFile.write("{\"shape\": \(images.shape.dimensions)}\n", to: "\(folder)/workload.json")
  }
}

extension [FaceDataset] {
  /// The first `count` faces of the files in a row, as often repeated as it takes.
  func rows(_ count: Int, scale: Double) throws -> (images: Tensor, labels: [Int]) {
    guard let shape = first?.imageShape else {
      throw InputError("--faces", found: "no file", expected: "at least one HDF5 file of faces")
    }
    var values: [Float] = []
    var labels: [Int] = []
    values.reserveCapacity(count * shape.count)
    while labels.count < count {
      for file in self where labels.count < count {
        let rows = 0..<Swift.min(file.count, count - labels.count)
        values += try file.images(rows, scale: Float(scale)).values
        labels += file.labels[rows]
      }
    }
    return (Tensor(count: count, shape: shape, values: values), labels)
  }
}

extension Tensor {
  /// The channels by ascending sum over images and positions, ties by index: the order in which they are pruned.
  var leastActiveChannels: [Int] {
    var sums = [Double](repeating: 0, count: shape.channels)
    for start in stride(from: 0, to: values.count, by: sums.count) {
      for channel in sums.indices { sums[channel] += Double(values[start + channel]) }
    }
    return sums.indices.sorted { (sums[$0], $0) < (sums[$1], $1) }
  }
}
