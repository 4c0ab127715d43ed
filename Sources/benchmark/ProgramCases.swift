import Datasets
import Files
import Foundation
import Report

/// What is measured of whole processes: the program from start to end.
struct ProgramCases {
  /// The built `espalier`.
  let program: String
  let workload: Workload
  /// Where files go; removed afterwards.
  let folder: String
  let threads: Int
  let measurement: Measurement

  private var run: String { "\(folder)/run" }
  private var log: String { "\(folder)/program.log" }

  /// What `espalier prune` took on four files.
  struct Pruning {
    let sizes: FullSizeFaces
    let bytes: Int
    /// Whole process.
    let timings: Timings
    /// The largest of the runs, in bytes.
    let peakMemory: Int
    /// Why the files are smaller than the lab's, where they are.
    let note: String?
  }

  /// Prunes on files of the lab's sizes, or on smaller ones where there is no room for those.
  func prune(sizes wanted: FullSizeFaces) throws -> Pruning {
    Console.say("espalier prune on files of full size")
    let shape = workload.badNet.network.inputShape
    let (needed, free) = (wanted.bytes(of: shape), Self.freeBytes(folder))
    let fits = free.map { needed + needed / 10 < $0 } ?? true
    let sizes = fits ? wanted : FullSizeFaces(validation: 512, test: 512)
    let data = "\(folder)/full"
    try OutputFile.makeFolder(data)
    defer { try? FileManager.default.removeItem(atPath: data) }
    let paths = try sizes.write(workload.files, to: data)
    var arguments = [program, "prune", "--model", workload.model, "--layer", workload.layer]
    arguments += ["--input-scale", InputScale.text(workload.badNet.inputScale), "--threads", "\(threads)"]
    for split in Split.allCases { if let path = paths[split] { arguments += [split.option, path] } }
    arguments += ["--output", run]
    var peak = 0
    let timings = try measurement.interleave([
      Contender(name: "espalier prune", unit: .seconds) {
        let process = try ChildProcess(arguments, log: log)
        peak = max(peak, process.peakMemory)
        return process.seconds
      }
    ])
    let note =
      fits ? nil : "Files of the lab's size need \(gigabytes(needed)); there were \(gigabytes(free ?? 0)) free."
    return Pruning(
      sizes: sizes, bytes: sizes.bytes(of: shape), timings: timings[0], peakMemory: peak, note: note)
  }

  /// Draws the figure of the run that `prune` left.
  func plot(python: PythonPeers?) throws -> SpeedCase {
    var field = Field()
    let unit = Unit.millisecondsPerCall(1)
    let (program, run, log, folder) = (program, run, log, folder)
    field.add(
      Contender(name: "espalier plot", unit: unit) {
        try ChildProcess([program, "plot", run, "--output", "\(folder)/ours.png"], log: log).seconds
      })
    var compared: [(title: String, ours: Int, other: Int, aim: Double?)] = []
    if let python {
      let command = [python.interpreter, python.script, "matplotlib", "\(run)/run.json", "\(folder)/theirs.png"]
      if (try? ChildProcess(command, log: log)) != nil {
        // It ends by naming its version.
        let name = try lines(ofFileAt: log).last ?? "matplotlib"
        let place = field.add(Contender(name: name, unit: unit) { try ChildProcess(command, log: log).seconds })
        compared = [("Figure of a run, whole process", 0, place, 25)]
      } else {
        Console.say("matplotlib is left out")
      }
    }
    Console.say("figure of a run")
    return SpeedCase(
      "Figure of a run",
      method: """
        A whole process that reads a run's record and writes its two curves as a PNG of 180 mm x 110 mm at 300 dots \
        per inch. Espalier's figure has its marks, labels and footnotes; the Python script's has axes, grid and legend.
        """, timings: try measurement.interleave(field.contenders), compared: compared)
  }

  private static func freeBytes(_ path: String) -> Int? {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
    return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
  }
}

/// `2.23 GB`.
func gigabytes(_ bytes: Int) -> String { Format.fixed(Double(bytes) / 1e9, 2) + " GB" }
