import Experiment
import Foundation
import ModelFiles
import NeuralNetwork
import Plotting
import Report

/// Run records, and everything that is made from one.
struct RecordTarget: Target {
  let name = "run-record"
  let fileExtension = "json"
  let tokens = ["null", "[]", "{}", "-1", "1e400", "\"\"", "true", "\"hits\":", "\"total\":0", "\"random\"", "NaN"]

  private static let words = [
    "hits", "total", "channel", "channelsPruned", "cleanValid", "cleanTest", "backdooredValid", "backdooredTest",
    "ascending", "random", "weight-norm", "training", "validationSample", "sgd", "sunglasses", "|", "`", "pool_1",
    "badnet.h5",
  ]

  func seeds() throws -> [[UInt8]] { try Repository.corpus("record") }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    guard random.integer(below: 4) > 0 else { return mutator.mutated(using: &random) }
    let seed = random.element(of: mutator.seeds)
    guard var tree = try? JSONValue(parsing: String(decoding: seed, as: UTF8.self), location: "") else { return seed }
    repeat {
      tree = JSONMutation(words: Self.words).mutated(tree, using: &random)
    } while random.integer(below: 3) > 1
    return Array(tree.text.utf8)
  }

  func read(_ path: String, thorough: Bool) throws { try Self.use(try RunRecord.read(path), thorough: thorough) }

  static func use(_ record: RunRecord, reference: ReferenceCurve? = nil, thorough: Bool) throws {
    _ = try record.json
    _ = record.csv
    _ = try RunReport(record, figurePath: "figure.png", reference: reference).markdown()
    _ = FileContents.run(path: "run", record).text
    guard thorough else { return }
    _ = try RunReport(record, figurePath: "figure.png", reference: reference, tableStyle: .published).markdown()
    let comparison = try Comparison([try ComparedRun(folder: "run", record: record)])
    _ = try ComparisonReport(
      comparison, figurePath: "figure.png", runsFigurePaths: ["runs.png"], command: "", link: \.folder
    ).markdown()
    _ = try PruningFigure(record, reference: reference).picture().data(as: .svg)
    if let training = record.training { _ = try TrainingFigure(training).picture().data(as: .svg) }
  }
}
