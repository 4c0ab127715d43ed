import NeuralNetwork

/// Batches of image numbers in an order that a seed draws.
struct ImageBatches: Sendable {
  private var generator: SeededGenerator
  private var order: [Int]
  private let size: Int

  /// - Parameters:
  ///   - places: of the images.
  ///   - size: images in a batch, > 0.
  ///   - stream: keeps the order apart from whatever else is drawn from the seed.
  init(_ places: [Int], size: Int, seed: UInt64, stream: UInt64) {
    generator = SeededGenerator(seed: seed, stream: [0xDEF_E9CE, stream])
    order = places
    self.size = min(size, max(1, places.count))
  }

  /// The batches of one pass over all images, in a new order; the last one may be smaller.
  mutating func epoch() -> [[Int]] {
    generator.shuffle(&order)
    return stride(from: 0, to: order.count, by: size).map { Array(order[$0..<min(order.count, $0 + size)]) }
  }

  /// A batch of images drawn with replacement.
  mutating func drawn() -> [Int] { (0..<size).map { _ in order[generator.integer(below: order.count)] } }

  /// Numbers in -limit..<limit.
  mutating func noise(_ count: Int, limit: Double) -> [Double] {
    (0..<count).map { _ in limit * (2 * generator.uniform() - 1) }
  }
}
