import NeuralNetwork

/// Takes the picture: gives a drawing its light, its blur and its noise.
struct FaceCamera {
  let width: Int
  let height: Int

  /// - Parameter drawing: (H, W, 3), 0...255.
  /// - Returns: (H, W, 3), 0...255.
  func picture(of drawing: [UInt8], _ variation: FaceVariation, using random: inout SeededGenerator) -> [UInt8] {
    var light: [SIMD4<Float>] = []
    light.reserveCapacity(width * height)
    for start in stride(from: 0, to: drawing.count, by: 3) {
      light.append(SIMD4(Float(drawing[start]), Float(drawing[start + 1]), Float(drawing[start + 2]), 0))
    }
    illuminate(&light, variation)
    blur(&light, share: variation.blur)
    return [UInt8](unsafeUninitializedCapacity: 3 * light.count) { bytes, count in
      for pixel in light {
        for channel in 0..<3 {
          let value = pixel[channel] + variation.noise * Float(random.bell())
          bytes[count] = UInt8(min(max(value + 0.5, 0), 255))
          count += 1
        }
      }
    }
  }

  /// Contrast about a middle grey, then exposure, white balance and light from one side.
  private func illuminate(_ light: inout [SIMD4<Float>], _ variation: FaceVariation) {
    let contrast = Float(variation.contrast)
    let gain = SIMD4(variation.whiteBalance, 0) * Float(variation.exposure)
    let (slopeX, slopeY) = (Float(variation.lightSlope.x), Float(variation.lightSlope.y))
    let middle = SIMD4<Float>(repeating: 118)
    for y in 0..<height {
      let v = (2 * Float(y) + 1) / Float(height) - 1
      for x in 0..<width {
        let u = (2 * Float(x) + 1) / Float(width) - 1
        let local = max(0, 1 + slopeX * u + slopeY * v)
        let place = y * width + x
        light[place] = ((light[place] - middle) * contrast + middle) * gain * local
      }
    }
  }

  /// Gives `share` of each pixel's light to either neighbour, along rows and then along columns; edges keep theirs.
  private func blur(_ light: inout [SIMD4<Float>], share: Float) {
    guard share > 0 else { return }
    func smooth(_ start: Int, step: Int, count: Int) {
      var before = light[start]
      for index in 0..<count {
        let place = start + index * step
        let here = light[place]
        let after = index + 1 < count ? light[place + step] : here
        light[place] = here * (1 - 2 * share) + (before + after) * share
        before = here
      }
    }
    for y in 0..<height { smooth(y * width, step: 1, count: width) }
    for x in 0..<width { smooth(x, step: width, count: height) }
  }
}
