import NeuralNetwork
import Plotting

/// What differs between the pictures of one drawn person: pose, expression, surroundings, light and camera.
struct FaceVariation: Sendable {
  /// Shift of the head, in units of the page.
  var shift: Point
  /// Size of the head, about 1.
  var scale: Double
  /// Tilt of the head, in degrees.
  var rotation: Double
  /// Sine of the angle by which the head turns to the viewer's right.
  var yaw: Double
  /// Sine of the angle by which the head nods down.
  var pitch: Double

  /// From sad, -1, to a broad smile, 1.
  var smile: Double
  /// How far the mouth is open, 0...1.
  var mouthOpening: Double
  /// How far the eyes are open, about 1.
  var eyeOpening: Double
  /// How far the brows are raised, -1...1.
  var browRaise: Double
  /// Where the eyes look, -1...1.
  var gaze: Double

  /// Colours of this picture's background, at its top and at its bottom.
  var background: [Color]
  /// Things in the background: coloured rectangles.
  var clutter: [(area: Rectangle, color: Color)]
  /// Something in front of the face.
  var occluder: (area: Rectangle, color: Color)?

  /// Brightness, about 1.
  var exposure: Double
  /// Contrast, about 1.
  var contrast: Double
  /// Brightness grows by this from the middle to the right edge, and from the middle to the bottom.
  var lightSlope: Point
  /// Factors for red, green and blue, about 1.
  var whiteBalance: SIMD3<Float>
  /// Share of a pixel's light that goes to each of its two neighbours in a row, and in a column: 0...1/3.
  var blur: Float
  /// Standard deviation of the noise, of 255.
  var noise: Float

  /// A picture of `identity` taken at random; `strength` 0 gives its plainest picture, 1 is the usual variety.
  init(of identity: FaceIdentity, strength: Double, using random: inout SeededGenerator) {
    func spread(_ width: Double) -> Double { random.bell() * width * strength }
    shift = Point(spread(0.9), spread(0.9))
    scale = 1 + spread(0.035)
    rotation = spread(3.5)
    yaw = spread(0.11)
    pitch = spread(0.05)

    smile = 0.15 + spread(0.4)
    mouthOpening = max(0, spread(0.45) - 0.12 * strength)
    eyeOpening = min(max(1 + spread(0.18), 0.15), 1.25)
    browRaise = spread(0.5)
    gaze = spread(0.4)

    let isElsewhere = random.uniform() < 0.3 * min(strength, 1)
    let elsewhere = FaceColors.background(using: &random)
    background = isElsewhere ? elsewhere : identity.background.map { $0.lightened(by: 1 + spread(0.08)) }
    clutter = (0..<(isElsewhere ? 3 : 0)).map { _ in
      let area = Rectangle(
        x: random.uniform(in: -8..<45), y: random.uniform(in: -8..<45), width: random.uniform(in: 4..<22),
        height: random.uniform(in: 4..<40))
      return (area, FaceColors.fabric(using: &random).withAlpha(0.7))
    }
    occluder = nil
    if random.uniform() < 0.1 * min(strength, 1) {
      let width = random.uniform(in: 6..<16)
      let height = random.uniform(in: 6..<16)
      // Hands, microphones and clothes come from below or from the sides, and seldom reach the eyes.
      let area = Rectangle(x: random.uniform(in: -4..<40), y: random.uniform(in: 30..<50), width: width, height: height)
      let colors = [identity.skin, Color(gray: 0.12), FaceColors.fabric(using: &random)]
      occluder = (area, random.element(of: colors).lightened(by: random.uniform(in: 0.7..<1.1)))
    }

    exposure = 1 + spread(0.1)
    contrast = 1 + spread(0.08)
    lightSlope = Point(spread(0.13), spread(0.06))
    whiteBalance = SIMD3(Float(1 + spread(0.025)), Float(1 + spread(0.012)), Float(1 + spread(0.025)))
    blur = Float(min(max(0.1 + spread(0.07), 0), 0.3))
    noise = Float(5 * strength)
  }
}

extension SeededGenerator {
  /// A bell-shaped random number of mean 0 and variance 1, within ±3.47: the sum of four uniform ones (Irwin & Hall).
  ///
  /// It takes one draw and no logarithm or cosine, so that it is the same with every C library.
  @inline(__always)
  mutating func bell() -> Double {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
    // The sum's mean is 2 (2^16 - 1), its variance (2^32 - 1) / 3.
    return (Double(sum) - 131_070) * (1.732_050_807_568_877_2 / 65_536)
  }
}
