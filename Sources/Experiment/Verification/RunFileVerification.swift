import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// The curve's table and the repaired networks in a run's folder, beside those that its record makes.
struct RunFileVerification {
  /// Of the curve's table.
  let table: Finding
  /// Of each repaired network.
  private(set) var repaired: [Finding] = []

  /// - Parameters:
  ///   - record: recomputed, or the run's own where that was not possible.
  ///   - network: B; nil where it is not that of the record.
  ///   - model: the network's file.
  ///   - keepsRecordAlone: whether the networks were never meant to stay.
  init(of record: RunRecord, in folder: String, network: Network?, model: String, keepsRecordAlone: Bool) throws {
    let place = "\(folder)/curve.csv"
    table = .compared(
      "curve.csv", place,
      differences: try Self.differences(of: place) { path in
        let text = String(decoding: try FileBytes.read(path, limit: 1 << 28), as: UTF8.self)
        return TextDifference.first(text, record.csv).map { [$0] } ?? []
      })
    for entry in keepsRecordAlone ? [] : record.repaired {
      guard let stop = entry.channelsPruned else { continue }
      let name = entry.model ?? "repaired-\(entry.drop).h5"
      let path = "\(folder)/\(name)"
      guard let network else {
        repaired.append(.notChecked(name, "not regenerated, without the network of the record"))
        continue
      }
      let expected: Network
      do {
        expected = try network.pruning(record.pruneOrder.prefix(stop), of: record.layer)
      } catch let error as any AboutInput {
        repaired.append(.compared(name, path, differences: ["cannot be regenerated: \(error)"]))
        continue
      }
      var note = ""
      let differences = try Self.differences(of: path) { path in
        let digest = try digestOfFile { try RunFolder.write(expected, of: record, model: model, now: $0) }
        if try digest == FileDigest.sha256(ofFileAt: path) { return [] }
        let found = try ModelFile.contents(
          path, imageShape: expected.inputShape.dimensions, outputLayer: record.model.outputLayer
        ).network
        let places = try expected.places(in: found, name: "the network regenerated", otherName: path)
        note = ", the same weights in other bytes"
        return expected.weightDifferences(from: found, places: places).map(\.description)
      }
      repaired.append(.compared(name, path + note, differences: differences))
    }
  }

  /// What `compare` finds, or why it cannot.
  private static func differences(
    of path: String, _ compare: (_ path: String) throws -> [String]
  ) throws -> [String] {
    guard OutputFile.isFile(path) else { return ["\(path): no such file"] }
    do {
      return try compare(path)
    } catch let error as any AboutInput {
      return ["\(error)"]
    }
  }
}
