import Datasets
import Files
import Threads

/// A comparison as two tidy tables for data frames. Cells without a value are empty; text is quoted where it has to be.
extension Comparison {
  /// `comparison.csv`: one row for each run, X, network and split.
  ///
  /// Columns: `run` (its folder), `seed`, `group` (the value that sets a group apart), `x`, `network` (`B`, `B'` or `G`),
  /// `split`, `channels_pruned`, `channels_total`, `hits`, `total`. B is repeated for each X, with 0 channels pruned; where
  /// X is not reached, the cells of B' and G are empty.
  public func resultsTable(threads: Int) -> [UInt8] {
    table("x,network,split,channels_pruned,channels_total,hits,total", threads: threads) { run, start, text in
      for repaired in run.record.repaired {
        let networks: [(name: String, pruned: Int?, rates: Splits<Rate>)] = [
          ("B", 0, run.record.baseline), ("B'", repaired.channelsPruned, repaired.network),
          ("G", repaired.channelsPruned, repaired.goodNet),
        ]
        for network in networks {
          for split in Split.allCases where run.record.data[split] != nil {
            text += start
            text.add("\(repaired.drop),\(network.name),\(split.rawValue),")
            text.add(network.pruned)
            text.add(run.record.channels)
            text.add(network.rates[split].flatMap { $0.hasRows ? $0.hits : nil })
            text.add(network.rates[split]?.total, isLast: true)
          }
        }
      }
    }
  }

  /// `curves.csv`: one row for each run and k, `run`, `seed` and `group` before the columns of a run's `curve.csv`.
  public func curvesTable(threads: Int) -> [UInt8] {
    table(RunRecord.curveColumns.joined(separator: ","), threads: threads) { run, start, text in
      for point in run.record.curve {
        text += start
        text.add(point.channelsPruned)
        text.add(run.record.channels)
        text.add(point.channel)
        for split in Split.allCases {
          text.add(point.rates[split].flatMap { $0.hasRows ? $0.hits : nil })
          text.add(point.rates[split]?.total, isLast: split == Split.allCases.last)
        }
      }
    }
  }

  private func table(
    _ columns: String, threads: Int,
    _ rows: @Sendable (_ run: ComparedRun, _ start: [UInt8], _ text: inout [UInt8]) -> Void
  ) -> [UInt8] {
    let all = groups.flatMap { group in group.runs.map { (run: $0, group: group.value?.text ?? "") } }
    let parts = parallelMap(all.count, threads: threads) { index in
      let (run, group) = all[index]
      let start = Array("\(quoted(VisibleText.line(run.folder))),\(run.record.seed),\(quoted(group)),".utf8)
      var text: [UInt8] = []
      rows(run, start, &text)
      return text
    }
    var text = Array("run,seed,group,\(columns)\n".utf8)
    text.reserveCapacity(parts.reduce(text.count) { $0 + $1.count })
    for part in parts { text += part }
    return text
  }
}

/// A cell as RFC 4180 has it.
private func quoted(_ text: String) -> String {
  guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
  return "\"\(text.replacing("\"", with: "\"\""))\""
}

extension [UInt8] {
  fileprivate mutating func add(_ text: String) { append(contentsOf: text.utf8) }

  /// A number, nothing for nil, and what parts it from the next.
  fileprivate mutating func add(_ number: Int?, isLast: Bool = false) {
    if let number { add("\(number)") }
    append(isLast ? 0x0A : 0x2C)
  }
}
