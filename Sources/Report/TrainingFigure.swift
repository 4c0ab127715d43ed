import Attacks
import Experiment
import Plotting

/// How a training went: accuracy and attack success by epoch.
public struct TrainingFigure {
  private let training: TrainingRecord

  /// - Parameter training: of a record.
  public init(_ training: TrainingRecord) { self.training = training }

  /// The chart: x is the epoch, y is percent 0...100.
  public func chart() throws -> LineChart {
    let epochs = training.history.count
    func line(_ name: String, _ stroke: Stroke, _ value: (EpochRecord) -> Double?) -> Series {
      let points = training.history.map { Point(Double($0.epoch), 100 * (value($0) ?? .nan)) }
      return Series(name, points: points, stroke: stroke, labeling: .legend, marker: .disc)
    }
    var series = [
      line("Training accuracy", Stroke(Color(gray: 0.45), width: 1.1, dash: [1.5, 1.5])) { $0.trainingAccuracy },
      line("Clean validation accuracy", Stroke(.blue, width: 1.6)) { $0.validationAccuracy },
    ]
    if training.history.contains(where: { $0.attackSuccess != nil }) {
      series.append(
        line("Attack success rate, validation", Stroke(.vermillion, width: 1.6, dash: [5, 2])) { $0.attackSuccess })
    }
    let last = training.history.last
    return try LineChart(
      title: "Training of the BadNet",
      subtitle: "\(training.images) images an epoch; final mean cross-entropy \(Format.general(last?.loss ?? 0)) nats",
      xAxis: Axis("Epoch", from: 0, to: Double(max(1, epochs)), ticks: Self.ticks(epochs)) { Format.fixed($0, 0) },
      yAxis: Axis(
        "Percent of \(training.recipe.faces.given == nil ? "faces" : "images")", from: 0, to: 100,
        ticks: stride(from: 0, through: 100, by: 20).map { $0 }),
      series: series)
  }

  /// The height of the picture in points: two thirds of the main figure.
  static let height = 220.0

  /// The chart as a picture.
  public func picture() throws -> Picture { try chart().picture(height: Self.height) }

  /// About a dozen whole epochs at most.
  private static func ticks(_ epochs: Int) -> [Double] {
    stride(from: 0, through: max(1, epochs), by: max(1, (epochs + 11) / 12)).map(Double.init)
  }
}
