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

  /// Repaired networks of a study that was recomputed.
  struct Networks: Sendable {
    /// For each X.
    let repaired: [Network?]
    /// Where the defence's own threshold stops.
    let own: Network?
  }

  /// - Parameters:
  ///   - record: recomputed, or the run's own where that was not possible.
  ///   - network: B; nil where it is not that of the record.
  ///   - networks: of the recomputed study; nil where it was not, so that only untuned ones can be regenerated.
  ///   - model: the network's file.
  ///   - keepsRecordAlone: whether the networks were never meant to stay.
  init(
    of record: RunRecord, in folder: String, network: Network?, networks: Networks?, model: String,
    keepsRecordAlone: Bool
  ) throws {
    let place = "\(folder)/curve.csv"
    table = .compared(
      "curve.csv", place,
      differences: try Self.differences(of: place) { path in
        let text = String(decoding: try FileBytes.read(path, limit: 1 << 28), as: UTF8.self)
        return TextDifference.first(text, record.csv).map { [$0] } ?? []
      })
    let entries =
      record.repaired.enumerated().map { ($1, networks?.repaired.dropFirst($0).first ?? nil) }
      + (record.own.map { [($0.asRepaired, networks?.own)] } ?? [])
    for (entry, made) in keepsRecordAlone ? [] : entries {
      guard let stop = entry.channelsPruned else { continue }
      let name = entry.model ?? "repaired-\(entry.drop).h5"
      let path = "\(folder)/\(name)"
      guard let network else {
        repaired.append(.notChecked(name, "not regenerated, without the network of the record"))
        continue
      }
      let expected: Network
      do {
        guard let known = try made ?? Self.untuned(entry, stop, of: record, network) else {
          repaired.append(
            .notChecked(name, "tuned, and not regenerated without the clean validation images of the record"))
          continue
        }
        expected = known
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

  /// B' as silencing alone makes it; nil where it was tuned too.
  private static func untuned(
    _ entry: RunRecord.RepairedNetwork, _ stop: Int, of record: RunRecord, _ network: Network
  ) throws -> Network? {
    guard entry.tuning == nil else { return nil }
    guard let layers = record.layers else {
      return try network.pruning(record.pruneOrder.prefix(stop), of: record.layer)
    }
    let units = try layers.map { try network.prunableUnit(network.index(of: $0.name)) }
    guard zip(units, layers).allSatisfy({ $0.channels == $1.channels }) else {
      throw InputError(record.layer, found: "layers of other widths in the record", expected: "those of the network")
    }
    return try network.pruning(record.pruneOrder.prefix(stop), through: units)
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
