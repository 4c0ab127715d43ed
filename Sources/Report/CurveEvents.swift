import Attacks
import Datasets
import Experiment

/// The numbers of pruned channels at which something happens, so that a table of every one can be folded.
struct CurveEvents {
  /// A number of pruned channels and what happens there.
  struct Event: Equatable {
    let channelsPruned: Int
    let texts: [String]
  }

  let record: RunRecord

  /// In ascending order, one for each number of channels.
  var events: [Event] {
    var texts: [Int: [String]] = [:]
    func add(_ k: Int?, _ text: String) {
      if let k { texts[k, default: []].append(text) }
    }
    add(0, "before pruning")
    if record.freeChannels < record.channels {
      add(record.freeChannels + 1, "clean validation accuracy falls below the baseline for the first time")
    }
    for repaired in record.repaired { add(repaired.channelsPruned, "X = \(repaired.drop) stops") }
    if let backdoored = record.reported.backdoored, let fate = record.baseline[backdoored].flatMap({ AttackFate($0) }) {
      if fate == .survives {
        add(
          record.lastingFall(of: backdoored, below: AttackFate.survivalLimit),
          "attack success stays under 50 % from here on")
      }
      if fate != .broken {
        add(
          record.lastingFall(of: backdoored, below: AttackFate.breakLimit),
          "attack success stays under 10 % from here on")
      }
    }
    add(record.channels, "every channel is pruned")
    return texts.sorted { $0.key < $1.key }.map { Event(channelsPruned: $0.key, texts: $0.value) }
  }

  /// A row for each event, with the rates of every split.
  func table(_ splits: [Split], header: [String]) -> String {
    MarkdownTable(
      header: ["Channels pruned", "What happens"] + header,
      rows: events.filter { (0...record.channels).contains($0.channelsPruned) }.map { event in
        ["\(event.channelsPruned)/\(record.channels)", event.texts.joined(separator: "; ")]
          + splits.map { Format.percent(record.rates(after: event.channelsPruned)[$0]) }
      }, textColumns: [0, 1]
    ).text
  }
}
