/// One line of progress that fits into a window: where there is too little room, the least important parts go first.
struct ProgressLine {
  /// What is going on, as `seed 1, training`.
  let title: String
  /// How much is done, 0...1.
  let fraction: Double
  /// As `2 min 5 s`.
  let left: String
  /// What is being done, the most important part first, in parts between commas.
  let detail: String

  /// The line in at most `columns - 1` columns: a terminal that is written full to its edge begins another line.
  ///
  /// Parts go in this order: the details from the last one on, the bar (first half of it), the title's beginning, the time
  /// left, the rest of the title.
  func text(columns: Int) -> String {
    let details = detail.components(", ")
    let percent = "\(Int(fraction * 100)) %", time = "\(left) left"
    var lines = (0...details.count).reversed().map { count in
      "\(title) \(bar(24)) " + ([percent, time] + details.prefix(count)).joined(separator: ", ")
    }
    lines += [
      "\(title) \(bar(12)) \(percent), \(time)", "\(title) \(percent), \(time)",
      "\(shortTitle) \(percent), \(time)", "\(shortTitle) \(percent)", percent,
    ]
    return lines.first { $0.count < columns } ?? ""
  }

  /// Without the name of the run.
  private var shortTitle: String { title.components(", ").last ?? title }

  private func bar(_ width: Int) -> String {
    let filled = Int(fraction * Double(width))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: true).map(String.init)
  }
}
