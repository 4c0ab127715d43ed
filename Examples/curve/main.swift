// The pruning curve of a given network, as CSV: example-curve MODEL CLEAN-VALID BACKDOORED-TEST
import Datasets
import Experiment

let arguments = CommandLine.arguments
guard arguments.count == 4 else { fatalError("usage: example-curve MODEL CLEAN-VALID BACKDOORED-TEST") }
let sources = StudySources(
  model: arguments[1], inputScale: 1, data: Splits(cleanValid: arguments[2], backdooredTest: arguments[3]))
let badNet = try sources.badNet()
let (faces, digests) = (try sources.faces(for: badNet.network), try sources.digests())
let study = try PruningStudy(of: badNet, on: faces, options: StudyOptions(threads: 2))
let record = study.record(
  model: sources.modelSource(of: badNet, digests), data: sources.dataSources(of: faces, digests))
print("k,accuracy,attack")
for point in record.curve {
  // A rate of no rows is none.
  let percents = [point.rates.cleanValid, point.rates.backdooredTest].map { $0?.percent.map { "\($0)" } ?? "" }
  print("\(point.channelsPruned),\(percents.joined(separator: ","))")
}
