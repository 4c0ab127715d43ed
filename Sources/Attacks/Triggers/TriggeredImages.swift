import Datasets
import Files
import NeuralNetwork

/// Images that are given a trigger when they are read.
struct TriggeredImages: StoredNumbers {
  let clean: FaceDataset
  let effect: any TriggerEffect
  /// The largest value that a pixel has: 255, or 1 where files have it so.
  let range: Float

  var isWhole: Bool { clean.isWhole }

  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    var images = try clean.images(rows, scale: 1).values
    let (size, channels) = (clean.imageShape.count, clean.imageShape.channels)
    if range != 255 { for index in images.indices { images[index] *= 255 / range } }
    for image in 0..<rows.count { effect.apply(to: &images, image: image, channels: channels) }
    if range != 255 { for index in images.indices { images[index] *= range / 255 } }
    for index in 0..<rows.count * size { buffer[index] = images[index] }
  }

  func doubles() throws -> [Double] { [] }
}

/// Several of the same size, one after the other.
struct JoinedImages: StoredNumbers {
  let parts: [any StoredNumbers]
  /// Rows and numbers a row of each part.
  let rowCount: Int, rowSize: Int

  var isWhole: Bool { parts.allSatisfy(\.isWhole) }

  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    for (index, part) in parts.enumerated() {
      let own = rows.clamped(to: index * rowCount..<(index + 1) * rowCount)
      guard !own.isEmpty else { continue }
      let start = (own.lowerBound - rows.lowerBound) * rowSize
      let place = UnsafeMutableBufferPointer(rebasing: buffer[start..<start + own.count * rowSize])
      try part.read(rows: own.lowerBound - index * rowCount..<own.upperBound - index * rowCount, into: place)
    }
  }

  func doubles() throws -> [Double] { [] }
}

extension FaceDataset {
  /// The largest value that pixels may have: 255, or 1 where they are stored as fractions and none is larger.
  package func pixelRange() throws -> Float {
    guard !isWhole else { return 255 }
    for start in stride(from: 0, to: count, by: 256) {
      if try images(start..<min(count, start + 256), scale: 1).values.contains(where: { $0 > 1 }) { return 255 }
    }
    return 1
  }

  /// The same images in memory, as bytes 0...255: fractions of 0...1 times 255, rounded and kept within these.
  package func inMemory() throws -> FaceDataset {
    let scale = try 255 / pixelRange()
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count * imageShape.count)
    for start in stride(from: 0, to: count, by: 256) {
      let values = try images(start..<min(count, start + 256), scale: scale).values
      pixels += values.map { UInt8(min(max($0.rounded(), 0), 255)) }
    }
    return FaceDataset(name: name, pixels: pixels, labels: labels, imageShape: imageShape)
  }
}

extension [Attack.Backdoor] {
  /// Every image wearing each trigger, labelled with its target, one backdoor after the other; made when it is read.
  /// - Throws: `InputError` where images have no colours that a trigger could have.
  public func triggered(_ images: FaceDataset) throws -> FaceDataset {
    let shape = images.imageShape
    guard shape.dimensions.count == 3, [1, 3, 4].contains(shape.channels) else {
      throw InputError(
        images.name, found: "images of \(shape.channels) colours", expected: "1, 3 or 4 colours to lay a trigger over")
    }
    let range = try images.pixelRange()
    let parts = try map { backdoor in
      TriggeredImages(
        clean: images,
        effect: try backdoor.trigger.effect(width: shape.dimensions[1], height: shape.dimensions[0]), range: range)
    }
    return FaceDataset(
      name: images.name, labels: flatMap { [Int](repeating: $0.target, count: images.count) }, imageShape: shape,
      numbers: JoinedImages(parts: parts, rowCount: images.count, rowSize: shape.count))
  }
}
