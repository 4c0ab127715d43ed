import Dispatch
import NeuralNetwork
import Threads

extension FaceDataset {
  /// The same with pixels prepared for a network.
  /// - Throws: `InputError` where mean or std are not as many as colours, and what `images` and `body` throw.
  public func forEachBatch(
    rows: Int, prepared preparation: InputPreparation, threads: Int, _ body: (Tensor) throws -> Void
  ) throws {
    try preparation.require(channels: imageShape.channels)
    try forEachBatch(rows: rows, scale: Float(preparation.scale), threads: threads) { images in
      var images = images
      preparation.normalize(&images)
      try body(images)
    }
  }

  /// Hands out the images in order, a batch at a time; the next batch is read while the caller works on one.
  /// - Parameters:
  ///   - rows: images in a batch, > 0; the last one may have fewer. At most two batches are in memory.
  ///   - scale: as for `images`.
  ///   - threads: with 1, nothing is read ahead.
  /// - Throws: what `images` and `body` throw.
  public func forEachBatch(rows: Int, scale: Float, threads: Int, _ body: (Tensor) throws -> Void) throws {
    var next: ReadAhead?
    for start in stride(from: 0, to: count, by: rows) {
      let end = min(count, start + rows)
      let images = try next?.images() ?? images(start..<end, scale: scale)
      let isAhead = threads > 1 && end < count && MemoryLimit.hasRoom(forThreads: 1)
      next = isAhead ? ReadAhead(self, end..<min(count, end + rows), scale: scale) : nil
      try body(images)
    }
  }
}

/// Images that another thread reads from now on.
private final class ReadAhead: Sendable {
  private let result = Locked<Result<Tensor, any Error>?>(nil)
  private let isRead = DispatchSemaphore(value: 0)

  init(_ faces: FaceDataset, _ rows: Range<Int>, scale: Float) {
    DispatchQueue.global().async {
      let images = Result { try faces.images(rows, scale: scale) }
      self.result.withLock { $0 = images }
      self.isRead.signal()
    }
  }

  /// Waits for them. To be called once.
  func images() throws -> Tensor? {
    isRead.wait()
    return try result.withLock { result in
      defer { result = nil }
      return try result?.get()
    }
  }
}
