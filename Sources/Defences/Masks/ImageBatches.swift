import NeuralNetwork

/// Batches of clean images in an order that a seed draws.
struct ImageBatches: Sendable {
  private let images: CleanImages
  private var generator: SeededGenerator
  private var order: [Int]
  private let size: Int

  /// Some images with their classes.
  struct Batch {
    /// (n, H, W, C), prepared.
    let images: Tensor
    /// (n)
    let labels: [Int]
  }

  /// - Parameters:
  ///   - places: which of the subject's images; nil for all.
  ///   - size: images in a batch, > 0.
  ///   - stream: keeps the order apart from whatever else is drawn from the seed.
  init(_ subject: DefenceSubject, _ places: [Int]? = nil, size: Int, stream: UInt64) {
    images = subject.images
    generator = SeededGenerator(seed: subject.seed, stream: [0xDEF_E9CE, stream])
    order = places ?? Array(0..<subject.images.count)
    self.size = min(size, max(1, order.count))
  }

  /// How many images an epoch has.
  var count: Int { order.count }

  /// Hands out the batches of one pass over all images, in a new order; the last one may be smaller.
  mutating func epoch(_ body: (Batch) throws -> Void) throws {
    generator.shuffle(&order)
    for start in stride(from: 0, to: order.count, by: size) {
      try body(batch(Array(order[start..<min(order.count, start + size)])))
    }
  }

  /// A batch of images drawn with replacement.
  mutating func drawn() throws -> Batch {
    try batch((0..<size).map { _ in order[generator.integer(below: order.count)] })
  }

  /// Numbers in -limit..<limit.
  mutating func noise(_ count: Int, limit: Double) -> [Double] {
    (0..<count).map { _ in limit * (2 * generator.uniform() - 1) }
  }

  private func batch(_ places: [Int]) throws -> Batch {
    Batch(images: try images.images(places), labels: places.map { images.labels[$0] })
  }
}
