import Datasets
import Files
import NeuralNetwork
import Testing

@Suite struct SyntheticFacesTests {
  @Test func aPictureDependsOnSeedPersonAndIndexAlone() throws {
    let faces = try SyntheticFaces(seed: 5, identities: 50)
    let image = try faces.image(identity: 3, index: 7)
    #expect(image.count == 55 * 47 * 3)
    _ = try faces.image(identity: 4, index: 0)
    #expect(try faces.image(identity: 3, index: 7) == image)
    #expect(try SyntheticFaces(seed: 5, identities: 4).image(identity: 3, index: 7) == image)

    #expect(try faces.image(identity: 3, index: 8) != image)
    #expect(try faces.image(identity: 2, index: 7) != image)
    #expect(try SyntheticFaces(seed: 6, identities: 50).image(identity: 3, index: 7) != image)
    #expect(try SyntheticFaces(seed: 6).person(3) != faces.person(3))
    #expect(try SyntheticFaces(seed: 5, nuisance: 0.5).person(3) == faces.person(3))
  }

  @Test func isTheSameFromAnyNumberOfThreads() async throws {
    let faces = try SyntheticFaces(seed: 1, identities: 8)
    let alone = try (0..<64).map { try faces.image(identity: $0 / 8, index: $0 % 8) }
    let together = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for place in 0..<64 {
        group.addTask { (place, try faces.image(identity: place / 8, index: place % 8)) }
      }
      return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
    }
    #expect((0..<64).allSatisfy { together[$0] == alone[$0] })
  }

  /// Nearest neighbours in pixels tell most people, and not all: the pictures of one person differ enough to matter.
  @Test func peopleDifferMoreThanTheirPictures() throws {
    let (people, pictures) = (20, 10)
    let faces = try SyntheticFaces(seed: 2, identities: people)
    let images = try (0..<people * pictures).map {
      try faces.image(identity: $0 / pictures, index: $0 % pictures).map { Float($0) }
    }
    var (within, between) = ((sum: 0.0, count: 0.0), (sum: 0.0, count: 0.0))
    var nearest = [(distance: Double, person: Int)](repeating: (.infinity, -1), count: images.count)
    for first in images.indices {
      for second in images.indices where second != first {
        let squares = zip(images[first], images[second]).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let distance = Double(squares / Float(images[first].count)).squareRoot()
        if first / pictures == second / pictures {
          within = (within.sum + distance, within.count + 1)
        } else {
          between = (between.sum + distance, between.count + 1)
        }
        if distance < nearest[first].distance { nearest[first] = (distance, second / pictures) }
      }
    }
    let known = nearest.indices.count { nearest[$0].person == $0 / pictures }
    let ratio = between.sum / between.count / (within.sum / within.count)
    #expect(ratio > 1.3, "between people / within: \(ratio)")
    #expect((120...199).contains(known), "\(known) of 200")
  }

  @Test func usesTheWholeRangeOfLight() throws {
    let faces = try SyntheticFaces(seed: 3, identities: 30)
    let pixels = try (0..<30).flatMap { try faces.image(identity: $0, index: 0) }
    let mean = Double(pixels.reduce(0) { $0 + Int($1) }) / Double(pixels.count)
    #expect((90...150).contains(mean), "\(mean)")
    #expect((pixels.min() ?? 255) < 10 && (pixels.max() ?? 0) > 245)
    // What is lost at either end is little.
    let clipped = pixels.count { $0 == 0 || $0 == 255 }
    #expect(Double(clipped) / Double(pixels.count) < 0.05)
  }

  @Test func withoutNuisanceAllPicturesOfAPersonAreOne() throws {
    let faces = try SyntheticFaces(seed: 1, identities: 3, nuisance: 0)
    let first = try faces.image(identity: 2, index: 0)
    for index in 1..<5 { #expect(try faces.image(identity: 2, index: index) == first) }
  }

  @Test func drawsTheSameFaceInAnySize() throws {
    func bitmap(_ width: Int, _ height: Int) throws -> Bitmap {
      let faces = try SyntheticFaces(seed: 1, identities: 3, nuisance: 0, width: width, height: height)
      let rgb = try faces.image(identity: 1, index: 0)
      #expect(rgb.count == 3 * width * height)
      var rgba: [UInt8] = []
      for start in stride(from: 0, to: rgb.count, by: 3) { rgba += [rgb[start], rgb[start + 1], rgb[start + 2], 255] }
      return Bitmap(width: width, height: height, pixels: rgba)
    }
    let usual = try bitmap(47, 55).resampled(width: 24, height: 28)
    for (width, height) in [(94, 110), (64, 64), (200, 150)] {
      let other = try bitmap(width, height).resampled(width: 24, height: 28)
      let difference = zip(usual.pixels, other.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      // The blur is some pixels wide, whatever their size: edges differ.
      #expect(Double(difference) / Double(24 * 28 * 3) < 5, "\(width) x \(height)")
    }
  }

  @Test func peopleStayWithinTheirRanges() {
    var random = SeededGenerator(seed: 9)
    let people = (0..<600).map { _ in FaceIdentity(using: &random) }
    func range(_ value: (FaceIdentity) -> Double) -> ClosedRange<Double> {
      let values = people.map(value)
      return (values.min() ?? .nan)...(values.max() ?? .nan)
    }
    /// All within, and the ends nearly reached.
    func fills(_ limits: ClosedRange<Double>, _ value: (FaceIdentity) -> Double) -> Bool {
      let found = range(value)
      let slack = 0.02 * (limits.upperBound - limits.lowerBound)
      return found.lowerBound >= limits.lowerBound && found.lowerBound < limits.lowerBound + slack
        && found.upperBound <= limits.upperBound && found.upperBound > limits.upperBound - slack
    }
    #expect(fills(0.88...1.08, \.width))
    #expect(fills(0.92...1.08, \.length))
    #expect(fills(-1...1, \.parting))
    #expect(fills(0.8...2.2, \.browThickness))
    #expect(fills(6.6...8.6, \.eyeSpacing))
    #expect(fills(2.3...3.5, \.eyeWidth))
    #expect(fills(2...3.9, \.noseWidth))
    #expect(fills(8.6...11.6, \.noseLength))
    #expect(fills(4.2...6.8, \.mouthWidth))
    #expect(fills(0.7...2.1, \.lips))
    for color in people.flatMap({
      [$0.skin, $0.hairColor, $0.browColor, $0.iris, $0.lipColor, $0.clothes] + $0.background
    }) {
      #expect([color.red, color.green, color.blue].allSatisfy { (0...1).contains($0) })
    }
    // 11 cuts, each 600 / 11 = 55 ± 7 times.
    for hair in FaceIdentity.Hair.allCases {
      #expect((25...85).contains(people.count { $0.hair == hair }))
    }
    for beard in FaceIdentity.Beard.allCases { #expect(people.contains { $0.beard == beard }) }
    #expect(!people.contains { $0.hair == .scarf && $0.beard != .none })
  }

  @Test func refusesWhatCannotBeDrawn() {
    #expect(throws: InputError("identities", found: "0", expected: "at least 1")) {
      try SyntheticFaces(seed: 1, identities: 0)
    }
    #expect(throws: InputError("nuisance", found: "nan", expected: "0...2")) {
      try SyntheticFaces(seed: 1, nuisance: .nan)
    }
    #expect(throws: InputError("face size", found: "47 x 5000 pixels", expected: "8...4096 each way")) {
      try SyntheticFaces(seed: 1, width: 47, height: 5000)
    }
  }
}
