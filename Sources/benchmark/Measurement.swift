import Report

/// How a duration is told to a reader.
enum Unit {
  /// Images of one run, each second.
  case imagesPerSecond(Int)
  /// Milliseconds of one of so many calls.
  case millisecondsPerCall(Int)
  case seconds

  /// With its unit: `12,345 images/s`.
  func text(_ seconds: Double) -> String { "\(number(seconds)) \(name)" }

  /// Median and range: `12,345 images/s (12,001 … 12,400)`.
  func text(_ timings: Timings) -> String {
    let ends = [number(timings.fastest), number(timings.slowest)]
    return "\(text(timings.median)) (\((isRate ? ends.reversed() : ends).joined(separator: " … ")))"
  }

  private var isRate: Bool { if case .imagesPerSecond = self { true } else { false } }

  private var name: String {
    switch self {
    case .imagesPerSecond: "images/s"
    case .millisecondsPerCall: "ms"
    case .seconds: "s"
    }
  }

  private func number(_ seconds: Double) -> String {
    switch self {
    case .imagesPerSecond(let images): Format.grouped(Int((Double(images) / seconds).rounded()))
    case .millisecondsPerCall(let calls): milliseconds(seconds / Double(calls) * 1000)
    case .seconds: Format.fixed(seconds, seconds < 1 ? 4 : 2)
    }
  }

  private func milliseconds(_ value: Double) -> String { Format.fixed(value, value < 10 ? 3 : value < 100 ? 1 : 0) }
}

/// How long some work took, each time that it ran.
struct Timings {
  let name: String
  let unit: Unit
  /// In the order in which they were measured.
  let seconds: [Double]

  var median: Double { seconds.median }
  var fastest: Double { seconds.min() ?? 0 }
  var slowest: Double { seconds.max() ?? 0 }
  var text: String { unit.text(self) }
}

/// Something whose speed is measured; `run` does its work once and answers seconds.
struct Contender {
  let name: String
  let unit: Unit
  let run: () throws -> Double

}

extension Contender {
  /// Work that is done here, in this process.
  init(_ name: String, _ unit: Unit, work: @escaping () throws -> Void) {
    self.init(name: name, unit: unit) { try seconds(of: work) }
  }
}

/// How often each contender runs, and how.
struct Measurement {
  let repeats: Int

  /// Once is only to see that it works.
  var isTrial: Bool { repeats == 1 }

  /// Threads of the one that ran before are given so long to fall asleep.
  private static let pause = Duration.milliseconds(100)

  /// Runs contenders in turn, so that whatever slows the machine for a while slows them all.
  ///
  /// Each runs once before, unmeasured, unless this is a trial.
  func interleave(_ contenders: [Contender]) throws -> [Timings] {
    if !isTrial { for contender in contenders { _ = try contender.run() } }
    var seconds = [[Double]](repeating: [], count: contenders.count)
    for _ in 0..<repeats {
      for (index, contender) in contenders.enumerated() {
        if !isTrial { Console.sleep(Self.pause) }
        seconds[index].append(try contender.run())
      }
    }
    return zip(contenders, seconds).map { Timings(name: $0.name, unit: $0.unit, seconds: $1) }
  }
}

/// Espalier beside somebody else on the same work.
struct Comparison {
  /// What was done.
  let title: String
  let ours: Timings
  let other: Timings
  /// The ratio that we want, or nil where there is no such aim.
  var aim: Double?

  /// How many times as fast as the other we were, for each pair of neighbouring runs.
  var ratios: [Double] { zip(ours.seconds, other.seconds).map { $1 / $0 } }
  var ratio: Double { ratios.median }
  var lowest: Double { ratios.min() ?? 0 }
  var highest: Double { ratios.max() ?? 0 }
  /// Whether the median reached the aim in this run.
  var isMet: Bool? { aim.map { ratio >= $0 } }
}

/// Wall time.
func seconds(of work: () throws -> Void) rethrows -> Double {
  let duration = try ContinuousClock().measure(work)
  return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

extension [Double] {
  /// The middle one, or the mean of the two in the middle; 0 of none.
  var median: Double {
    let sorted = sorted()
    guard let last = sorted.last else { return 0 }
    return count == 1 ? last : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}
