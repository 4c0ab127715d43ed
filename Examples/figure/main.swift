// One figure from the records of several runs: example-figure OUTPUT RECORD ...
import Experiment
import Files
import Plotting
import Report

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fatalError("usage: example-figure OUTPUT RECORD ...") }
let colors: [Color] = [.blue, .vermillion, .green, .purple, .orange]
let lines = try arguments.dropFirst(2).enumerated().map { index, path in
  let record = try RunRecord.read(path)
  let points = record.curve.map { point in
    Point(
      Double(point.channelsPruned) / Double(record.channels),
      record.reported.backdoored.flatMap { point.rates[$0]?.percent } ?? .nan)
  }
  return Series(path, points: points, stroke: Stroke(colors[index % colors.count], width: 1.5), labeling: .legend)
}
let chart = LineChart(
  title: "Attack success while channels are pruned",
  xAxis: try Axis("Fraction of channels pruned", from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1]),
  yAxis: try Axis("Percent of faces", from: 0, to: 100, ticks: [0, 20, 40, 60, 80, 100]), series: lines)
try OutputFile.write(FigureFile.bytes(chart.picture(), for: arguments[1]), to: arguments[1])
