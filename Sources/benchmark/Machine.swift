import Experiment
import Foundation
import NeuralNetwork

/// What the numbers were measured on, without its name.
struct Machine {
  /// `AMD EPYC 7763`, or what the system calls a processor that it cannot name.
  let processor: String
  /// Processors that the system offers.
  let cores: Int
  /// The instruction set of the kernels.
  let instructionSet = Kernels.chosen.name
  let espalier = RunEnvironment.version
  /// Processes that wanted to run, on average over the minute before the benchmark; nil where that is unknown.
  let load: Double?

  init() {
    let description = (try? lines(ofFileAt: "/proc/cpuinfo"))?.first { $0.hasPrefix("model name") }
    processor = description?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    cores = ProcessInfo.processInfo.activeProcessorCount
    let averages = try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
    load = averages?.split(separator: " ").first.flatMap { Double($0) }
  }
}
