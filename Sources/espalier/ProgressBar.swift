/// Progress with the time left: a bar that is redrawn on a terminal, a plain line now and then elsewhere and where several
/// runs share the terminal.
final class ProgressBar {
  private let title: String
  private let began = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var skipped = 0.0
  private let isRedrawn: Bool
  /// How many columns the line on the terminal has.
  private var drawnColumns = 0

  /// - Parameter isAlone: whether nothing else is at work beside it.
  init(_ title: String, isAlone: Bool = true) {
    self.title = title
    isRedrawn = isAlone && Console.isTerminal
  }

  /// - Parameters:
  ///   - done: 0...total.
  ///   - detail: what is being done.
  func update(_ done: Int, of total: Int, _ detail: String) {
    let now = ContinuousClock.now
    let interval: Duration = isRedrawn ? .milliseconds(100) : .seconds(10)
    if !isRedrawn && lastDrawn == nil { lastDrawn = now }
    if let lastDrawn, now - lastDrawn < interval, done < total || !isRedrawn { return }
    lastDrawn = now
    let fraction = total == 0 ? 1 : Double(done) / Double(total)
    let elapsed = (now - began) / .seconds(1)
    let left = fraction > skipped ? elapsed / (fraction - skipped) * (1 - fraction) : 0
    if isRedrawn {
      let columns = Console.columns ?? 80
      let line = ProgressLine(title: title, fraction: fraction, left: clock(left), detail: detail)
        .text(columns: columns)
      Console.say(start(columns) + line + "\u{1B}[K")
      drawnColumns = line.count
    } else {
      Console.standardError("\(title): \(Int(fraction * 100)) %, \(clock(left)) left, \(detail)")
    }
  }

  /// Says that this part, 0...1, was done by an earlier command.
  func skip(_ fraction: Double) { skipped = fraction }

  /// Takes the bar off the terminal, for other lines to come.
  func clear() {
    if isRedrawn { Console.say(start(Console.columns ?? 80) + "\u{1B}[K") }
    drawnColumns = 0
  }

  /// Goes to where the line begins. A window that has become narrower has broken it into several, which are wiped off.
  private func start(_ columns: Int) -> String {
    guard drawnColumns > columns else { return "\r" }
    return "\r\u{1B}[\((drawnColumns - 1) / columns)A\u{1B}[J"
  }

  /// How long it has taken.
  var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }

  private func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}
