import NeuralNetwork

/// The measured speed of one kind of work: everybody's times, and the comparisons that matter.
struct SpeedCase {
  let title: String
  /// What was done, in a sentence or two.
  let method: String
  let timings: [Timings]
  let comparisons: [Comparison]

  /// - Parameter compared: title of a comparison, our contender, the other one by its place, and the aim.
  init(
    _ title: String, method: String, timings: [Timings],
    compared: [(title: String, ours: Int, other: Int, aim: Double?)]
  ) {
    self.title = title
    self.method = method
    self.timings = timings
    comparisons = compared.map {
      Comparison(title: $0.title, ours: timings[$0.ours], other: timings[$0.other], aim: $0.aim)
    }
  }
}

/// Contenders in the order in which they run, with what each of the others is compared for.
struct Field {
  private(set) var contenders: [Contender] = []
  private(set) var compared: [(title: String, ours: Int, other: Int, aim: Double?)] = []

  /// Adds one; answers its place.
  @discardableResult
  mutating func add(_ contender: Contender) -> Int {
    contenders.append(contender)
    return contenders.count - 1
  }

  /// Adds another framework, if it is there, compared with ours at these places.
  mutating func add(
    _ peer: Peer?, _ setting: String, _ unit: Unit, command: String,
    compared titles: [(title: String, ours: Int, aim: Double?)]
  ) {
    guard let peer else { return }
    let place = add(Contender(name: peer.version + setting, unit: unit) { try peer.ask(command)[0] })
    compared += titles.map { ($0.title, $0.ours, place, $0.aim) }
  }

  func measured(_ title: String, method: String, by measurement: Measurement) throws -> SpeedCase {
    Console.say(title.prefix(1).lowercased() + title.dropFirst())
    let timings = try measurement.interleave(contenders)
    return SpeedCase(title, method: method, timings: timings, compared: compared)
  }
}

/// What is measured beside other frameworks, in this process and in theirs.
struct SpeedCases {
  let workload: Workload
  /// The workload's network with random weights, to train.
  let random: Network
  let peers: Peers
  let threads: Int
  let measurement: Measurement

  private var images: Tensor { workload.images }
  private var network: Network { workload.badNet.network }

  /// The aim of a forward pass depends on how much fits into a register.
  private static func forwardAim(_ kernels: Kernels) -> Double { kernels.name == "AVX-512" ? 3 : 2.2 }

  /// Images through the whole network.
  func forward() throws -> SpeedCase {
    let images = images
    let unit = Unit.imagesPerSecond(images.count)
    var field = Field()
    let best = Kernels.chosen
    var ours: [(title: String, ours: Int, aim: Double?)] = []
    for kernels in Kernels.available where kernels.name == best.name || kernels.name == "AVX2" {
      let pass = ForwardPass(network, threads: threads, kernels: kernels)
      let place = field.add(Contender("Espalier, \(kernels.name)", unit) { _ = try pass.logits(of: images) })
      let title = kernels.name == best.name ? "Forward pass" : "Forward pass, held to \(kernels.name)"
      ours.append((title, place, Self.forwardAim(kernels)))
    }
    let withoutAim = [(title: ours[0].title, ours: 0, aim: Double?.none)]
    field.add(peers.onnxRuntime, ", batch 256", unit, command: "forward 256", compared: ours)
    field.add(peers.pyTorch, ", batch 256", unit, command: "forward 256", compared: withoutAim)
    field.add(peers.keras, ", predict, batch 256", unit, command: "forward 256", compared: withoutAim)
    field.add(peers.keras, ", predict, batch 32", unit, command: "forward 32", compared: withoutAim)
    return try field.measured(
      "Forward pass",
      method: "Images in memory to logits. PyTorch in inference mode with the memory layout that is faster here.",
      by: measurement)
  }

  /// Images through the network and through every step of the pruning.
  func sweep() throws -> SpeedCase {
    let sweep = try SilencingSweep(network, layer: workload.layerIndex, threads: threads)
    let pass = ForwardPass(network, threads: threads)
    let (images, order) = (images, workload.order)
    let unit = Unit.seconds
    var field = Field()
    field.add(
      Contender("Espalier, forward pass and sweep", unit) {
        let values = try pass.values(of: sweep.frontier, given: [0: images])
        let given = Dictionary(uniqueKeysWithValues: zip(sweep.frontier, values))
        _ = try sweep.predictions(given, order: order)
      })
    let title = "Forward pass and whole sweep (\(order.count) channels)"
    field.add(
      peers.onnxRuntime, ", one forward pass, no sweep", unit, command: "forward 256", compared: [(title, 0, 1 / 0.45)])
    field.add(
      peers.pyTorch, ", \(workload.layer) computed once, the rest at each step", unit, command: "sweep",
      compared: [(title, 0, nil)])
    field.add(
      peers.keras, ", predict again at each step", unit, command: "script 1", compared: [(title, 0, 150)])
    return try field.measured(
      "Forward pass and whole sweep",
      method: """
        Images in memory to their classes at each step from 0 to \(order.count) silenced channels of \
        \(workload.layer). ONNX Runtime runs once, for scale. Keras predicts the images again after each channel, with \
        predict's own batch size, as a script does; of its \(order.count) steps one is timed and multiplied. PyTorch \
        keeps \(workload.layer) and computes what lies behind it, in batches of the size that is faster here.
        """, by: measurement)
  }

  /// One image at a time.
  func latency(calls: Int) throws -> SpeedCase {
    let pass = ForwardPass(network, threads: threads)
    let image = images.images(0..<1)
    let unit = Unit.millisecondsPerCall(calls)
    var field = Field()
    field.add(Contender("Espalier", unit) { for _ in 0..<calls { _ = try pass.logits(of: image) } })
    field.add(peers.onnxRuntime, "", unit, command: "one \(calls)", compared: [("One image, latency", 0, 2)])
    field.add(peers.pyTorch, "", unit, command: "one \(calls)", compared: [("One image, latency", 0, nil)])
    return try field.measured(
      "One image",
      method: """
        One image to logits, \(calls) times in a row; the mean of these is one measurement. The others with one thread \
        or \(threads), whichever is faster here.
        """, by: measurement)
  }
}
