import ArgumentParser
import Experiment
import Foundation
import NeuralNetwork
import Report

/// Measures everything once through.
struct BenchmarkRun {
  private let options: Benchmark
  private let folder: String
  private let rows: Int
  private let measurement: Measurement

  /// Images of `--quick`.
  private static let quickRows = 64

  init(_ options: Benchmark, folder: String) {
    self.options = options
    self.folder = folder
    rows = options.quick ? min(options.rows, Self.quickRows) : options.rows
    measurement = Measurement(repeats: options.quick ? 1 : options.repeats)
  }

  func results() throws -> Results {
    let machine = Machine()
    let threads = options.threads
    let workload = try Workload(
      model: options.model, inputScale: options.inputScale, layer: options.layer, faces: options.faces, rows: rows,
      threads: threads)
    let subjects = try ExactnessSubject.all(of: options, workload)
    let random = try workload.badNet.network.withRandomWeights(of: options.layer, seed: 1)
    try workload.write(to: folder, random: random)
    let python = options.python.map { PythonPeers(interpreter: $0, script: options.peers) }
    let peers = Peers(python, folder: folder, threads: threads)
    var results = Results(
      machine: machine, workload: workload, threads: threads, repeats: measurement.repeats,
      peers: peers.all.map(\.version), missing: peers.missing)

    if measures(.agreement) { results.checks = try agreement(of: peers, workload) }
    let cases = SpeedCases(
      workload: workload, random: random, peers: peers, threads: threads, measurement: measurement)
    if measures(.forward) { results.speed.append(try cases.forward()) }
    if measures(.sweep) { results.speed.append(try cases.sweep()) }
    for (batch, aim) in [(32, 2.5), (128, 3.5)] where measures(.training) {
      let (speed, check) = try TrainingCase(cases).measured(batch: batch, rows: min(rows, 1024), aim: aim)
      results.speed.append(speed)
      if let check { results.checks.append(check) }
    }
    if measures(.latency) { results.speed.append(try cases.latency(calls: options.quick ? 10 : 200)) }
    peers.all.forEach { $0.close() }
    if measures(.networks), let python,
      let cases = try NetworkCases(python, folder: folder, threads: threads, measurement: measurement)
    {
      let (speed, checks) = try cases.measured()
      results.speed += speed
      results.checks += checks
    }
    if measures(.programs) { try measurePrograms(workload, python, &results) }
    if measures(.scaling) {
      let scaling = ScalingCase(workload: workload, threads: threads, measurement: measurement)
      results.byImages = try scaling.images()
      results.byChannels = try scaling.channels()
      results.byThreads = try scaling.threadCounts()
    }
    if measures(.predictions) {
      Console.say("predictions against the plain layers")
      let most = options.quick ? Self.quickRows : Int.max
      results.exactness = try subjects.map { try $0.checked(atMost: most, threads: threads) }
    }
    if measures(.vectors) { results.disassembly = Disassembly(of: program, folder: folder) }
    return results
  }

  private func measures(_ part: Part) -> Bool { options.only.isEmpty || options.only.contains(part) }

  private func measurePrograms(_ workload: Workload, _ python: PythonPeers?, _ results: inout Results) throws {
    // Whole studies are long and steady.
    let studies = Measurement(repeats: min(3, measurement.repeats))
    results.pruning = try programs(workload, studies).prune(
      sizes: options.quick ? FullSizeFaces(validation: 48, test: 64) : .lab)
    results.speed.append(try programs(workload, measurement).plot(python: python))
  }

  private func programs(_ workload: Workload, _ measurement: Measurement) -> ProgramCases {
    ProgramCases(
      program: program, workload: workload, folder: folder, threads: options.threads, measurement: measurement)
  }

  private var program: String {
    options.program
      ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("espalier")
      .path
  }

  /// Whether each framework predicts what we do, a sentence for each.
  private func agreement(of peers: Peers, _ workload: Workload) throws -> [String] {
    let ours = try ForwardPass(workload.badNet.network, threads: options.threads).logits(of: workload.images)
      .largestIndices
    return try peers.all.map { peer in
      let file = "\(folder)/predictions.i32"
      _ = try peer.ask("predict \(file)")
      let theirs = try Data(contentsOf: URL(fileURLWithPath: file)).withUnsafeBytes {
        Array($0.bindMemory(to: Int32.self))
      }
      let same = zip(ours, theirs).count { $0 == Int($1) }
      let counts = "\(Format.grouped(same)) of \(Format.grouped(ours.count))"
      return "\(peer.version) predicts the same identity as Espalier for \(counts) images."
    }
  }
}

extension BenchmarkRun {
  /// What can be measured alone.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case agreement, forward, sweep, training, latency, networks, programs, scaling, predictions, vectors
  }
}
