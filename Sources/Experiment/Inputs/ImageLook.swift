import Datasets
import NeuralNetwork
import Threads

/// What a look at some images tells: all that is taken while an image is in the processor's cache.
struct ImageLook: Sendable {
  /// Of each image: the same for the same numbers, and for others the same about once in 2^64 pairs.
  ///
  /// Four multiplications at a time (the constants are those of xxHash64), so that it takes some microseconds an image; no
  /// guard against images made to collide.
  var prints: [UInt64] = []
  /// The largest absolute value of all.
  var largest: Float = 0

  init() {}

  /// Looks at every image.
  init(_ images: Tensor, threads: Int) {
    let rows = 64
    let parts = parallelMap((images.count + rows - 1) / rows, threads: threads) { part in
      images.look(part * rows..<min(images.count, (part + 1) * rows))
    }
    for part in parts {
      prints += part.prints
      largest = max(largest, part.largest)
    }
  }
}

extension Tensor {
  fileprivate func look(_ images: Range<Int>) -> ImageLook {
    let (size, step) = (shape.count, 4 * MemoryLayout<UInt64>.size)
    var look = ImageLook()
    values.withUnsafeBytes { bytes in
      for image in images {
        let (start, end) = (image * size * MemoryLayout<Float>.size, (image + 1) * size * MemoryLayout<Float>.size)
        var (a, b, c, d) = (UInt64(1), UInt64(2), UInt64(3), UInt64(4))
        func take(_ sum: inout UInt64, _ place: Int) {
          let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
          sum ^= word
          sum = (sum << 31 | sum >> 33) &* 0x9E37_79B1_85EB_CA87
        }
        var place = start
        while place + step <= end {
          take(&a, place)
          take(&b, place + 8)
          take(&c, place + 16)
          take(&d, place + 24)
          place += step
        }
        while place < end {
          let word = UInt64(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
          a = ((a ^ word) << 27 | (a ^ word) >> 37) &* 0x9E37_79B1_85EB_CA87
          place += 4
        }
        var result: UInt64 = 0
        for sum in [a, b, c, d] {
          result = (result ^ (sum ^ sum >> 29) &* 0xC2B2_AE3D_27D4_EB4F) &* 0x9E37_79B1_85EB_CA87
          result ^= result >> 32
        }
        look.prints.append(result)
        let numbers = UnsafeRawBufferPointer(rebasing: bytes[start..<end]).bindMemory(to: Float.self)
        look.largest = max(look.largest, numbers.largestMagnitude)
      }
    }
    return look
  }
}
