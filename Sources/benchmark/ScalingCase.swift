import NeuralNetwork
import Report

/// How cost grows with images, channels and threads.
struct ScalingCase {
  let workload: Workload
  let threads: Int
  let measurement: Measurement

  /// What was timed for one setting: everything before the pruned layer, and the sweep behind it.
  struct Row {
    let setting: String
    let images: Int
    let channels: Int
    let prefix: Timings
    let sweep: Timings
  }

  /// Once, twice, four and eight times as many images.
  func images() throws -> [Row] {
    let all = workload.images
    return try rows(
      [1, 2, 4, 8].map { factor in
        let count = max(1, all.count / 8 * factor)
        return Setting(
          name: "\(Format.grouped(count)) images", network: workload.badNet.network, images: all.images(0..<count),
          threads: threads)
      })
  }

  /// The pruned layer as wide as it is, twice and four times as wide; random weights throughout.
  func channels() throws -> [Row] {
    let network = workload.badNet.network
    let channels = network.shapes[workload.layerIndex].channels
    let images = workload.images.images(0..<max(1, workload.images.count / 4))
    return try rows(
      [1, 2, 4].map { factor in
        let wider = try network.withRandomWeights(channels: factor * channels, of: workload.layer, seed: 1)
        return Setting(name: "\(factor * channels) channels", network: wider, images: images, threads: threads)
      })
  }

  /// One thread up to as many as the benchmark uses, doubling.
  func threadCounts() throws -> [Row] {
    let images = workload.images.images(0..<max(1, workload.images.count / 2))
    let counts = sequence(first: 1) { $0 * 2 < threads ? $0 * 2 : nil } + (threads > 1 ? [threads] : [])
    return try rows(
      counts.map {
        Setting(
          name: Format.count($0, "thread"), network: workload.badNet.network, images: images, threads: $0)
      })
  }

  private struct Setting {
    let name: String
    let network: Network
    let images: Tensor
    let threads: Int
  }

  private func rows(_ settings: [Setting]) throws -> [Row] {
    Console.say("how cost grows: \(settings.map(\.name).joined(separator: ", "))")
    var contenders: [Contender] = []
    for setting in settings {
      let pass = ForwardPass(setting.network, threads: setting.threads)
      let sweep = try SilencingSweep(setting.network, layer: workload.layerIndex, threads: setting.threads)
      let values = try pass.values(of: sweep.frontier, given: [0: setting.images])
      let given = Dictionary(uniqueKeysWithValues: zip(sweep.frontier, values))
      let order = given[workload.layerIndex]?.leastActiveChannels ?? []
      contenders.append(
        Contender(setting.name, .seconds) {
          _ = try pass.values(of: sweep.frontier, given: [0: setting.images])
        })
      contenders.append(Contender(setting.name, .seconds) { _ = try sweep.predictions(given, order: order) })
    }
    let timings = try measurement.interleave(contenders)
    return settings.enumerated().map { index, setting in
      Row(
        setting: setting.name, images: setting.images.count,
        channels: setting.network.shapes[workload.layerIndex].channels, prefix: timings[2 * index],
        sweep: timings[2 * index + 1])
    }
  }
}
