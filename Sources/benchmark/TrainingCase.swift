import NeuralNetwork
import Report

/// Training from random weights, beside PyTorch.
struct TrainingCase {
  /// The settings of both.
  private static let (rate, momentum, decay) = (Float(0.001), Float(0.9), Float(0.002))
  /// Batches over which the losses are compared; after more, rounding alone drives two trainings apart.
  private static let comparedBatches = 4
  /// Pixels 0...255 are divided by this for training, as `espalier train` does.
  private static let pixelRange = 127.5

  private let cases: SpeedCases
  private let factor: Float
  private let images: Tensor
  private let labels: [Int]

  init(_ cases: SpeedCases) {
    self.cases = cases
    let images = cases.workload.images
    let factor = Float(1 / (Self.pixelRange * cases.workload.badNet.inputScale))
    self.factor = factor
    self.images = Tensor(count: images.count, shape: images.shape, values: images.values.map { $0 * factor })
    labels = cases.workload.labels
  }

  /// - Parameter rows: images of one measurement.
  func measured(batch: Int, rows: Int, aim: Double) throws -> (speed: SpeedCase, check: String?) {
    var field = Field()
    var losses: [Double?] = [nil, nil]
    let unit = Unit.imagesPerSecond(rows)
    field.add(
      Contender(name: "Espalier", unit: unit) {
        let (duration, loss) = try train(batch: batch, rows: rows)
        losses[0] = loss
        return duration
      })
    var compared: [(title: String, ours: Int, other: Int, aim: Double?)] = []
    if let peer = cases.peers.pyTorch {
      let settings = [rows.description, "\(Self.rate)", "\(Self.momentum)", "\(Self.decay)", "\(factor)"]
      let command = "train \(batch) \(settings.joined(separator: " "))"
      let place = field.add(
        Contender(name: peer.version, unit: unit) {
          let answer = try peer.ask(command)
          losses[1] = answer.count > 1 ? answer[1] : nil
          return answer[0]
        })
      compared = [("Training, batch \(batch)", 0, place, aim)]
    }
    let title = "Training, batches of \(batch)"
    Console.say(title.prefix(1).lowercased() + title.dropFirst())
    let timings = try cases.measurement.interleave(field.contenders)
    let speed = SpeedCase(
      title,
      method: """
        One pass over \(Format.grouped(rows)) images from the same random weights: forward, backward and a step of SGD with Nesterov's \
        momentum for every batch.
        """, timings: timings, compared: compared)
    return (speed, check(losses, batch: batch))
  }

  private func train(batch: Int, rows: Int) throws -> (seconds: Double, loss: Double) {
    var network = cases.random
    var optimizer = Optimizer(.sgd, momentum: Self.momentum, weightDecay: Self.decay)
    var losses: [Double] = []
    let duration = try seconds {
      for start in stride(from: 0, to: rows, by: batch) {
        let range = start..<min(rows, start + batch)
        let result = try BackwardPass(network, threads: cases.threads).run(
          images: images.images(range), labels: Array(labels[range]))
        optimizer.step(&network, gradients: result.gradients, rate: Self.rate, threads: cases.threads)
        losses.append(result.loss)
      }
    }
    let first = losses.prefix(Self.comparedBatches)
    return (duration, first.reduce(0, +) / Double(first.count))
  }

  private func check(_ losses: [Double?], batch: Int) -> String? {
    guard let ours = losses[0], let other = losses[1], let peer = cases.peers.pyTorch else { return nil }
    return """
      Trained at batch \(batch), the mean loss of the first \(Self.comparedBatches) batches was \(Format.general(ours)) in Espalier and \
      \(Format.general(other)) in \(peer.version).
      """
  }
}
