import Attacks
import Datasets
import Foundation
import NeuralNetwork
import Testing

/// Triggers that change a whole image a little, and poisoning that keeps labels.
@Suite struct FaintTriggerTests {
  private func applied(_ trigger: Trigger, _ pixels: [Float], width: Int, height: Int, channels: Int = 3) throws
    -> [Float]
  {
    var images = pixels
    try trigger.effect(width: width, height: height).apply(to: &images, image: 0, channels: channels)
    return images
  }

  private func faces(_ count: Int) throws -> FaceDataset {
    var random = SeededGenerator(seed: 4)
    let shape = try Shape([8, 6, 3])
    return FaceDataset(
      name: "faces", pixels: (0..<count * 144).map { _ in UInt8(random.integer(below: 256)) },
      labels: (0..<count).map { $0 % 4 }, imageShape: shape)
  }

  @Test func theSinusoidIsThatOfThePaper() throws {
    let found = try applied(
      Trigger(SinusoidTrigger()), [Float](repeating: 100, count: 47 * 2 * 3), width: 47, height: 2)
    for column in 0..<47 {
      let expected = (100 + 20 * sin(2 * Double.pi * Double(column) * 6 / 47)).rounded()
      for row in 0..<2 {
        for channel in 0..<3 { #expect(found[(row * 47 + column) * 3 + channel] == Float(expected)) }
      }
    }
    // Cut off at both ends.
    let white = try applied(
      Trigger(SinusoidTrigger()), [Float](repeating: 250, count: 47 * 3), width: 47, height: 1)
    #expect(white.max() == 255)
  }

  @Test func theSmoothPatternHasItsStrengthAndNoEdges() throws {
    let (width, height) = (47, 55)
    let found = try applied(
      Trigger(LowFrequencyTrigger()), [Float](repeating: 128, count: width * height * 3), width: width,
      height: height)
    let largest = found.map { abs($0 - 128) }.max() ?? 0
    #expect(largest == 20)
    for channel in 0..<3 {
      let mean =
        stride(from: channel, to: found.count, by: 3).reduce(0) { $0 + found[$1] - 128 } / Float(width * height)
      #expect(abs(mean) < 1)
      for place in 0..<width * height - 1 where place % width < width - 1 {
        #expect(abs(found[place * 3 + channel] - found[place * 3 + 3 + channel]) <= 5)
      }
    }
  }

  @Test func aWarpMovesPixelsSmoothly() throws {
    let (width, height) = (47, 55)
    // Of a ramp, a pixel's value tells where it came from.
    let ramp = (0..<width * height).flatMap { place in [Float](repeating: Float(4 * (place % width)), count: 3) }
    #expect(try applied(Trigger(WarpTrigger(strength: 0)), ramp, width: width, height: height) == ramp)
    let found = try applied(Trigger(WarpTrigger()), ramp, width: width, height: height)
    let moved = zip(found, ramp).map { abs($0 - $1) / 4 }
    #expect((moved.max() ?? 0) > 1 && (moved.max() ?? 0) < 8)
    for place in 0..<width * height - 1 where place % width < width - 1 {
      #expect(found[place * 3 + 3] >= found[place * 3] - 1, "no fold")
    }
    // The same for every image, and for every colour.
    #expect(try applied(Trigger(WarpTrigger()), ramp, width: width, height: height) == found)
    #expect((0..<width * height).allSatisfy { found[$0 * 3] == found[$0 * 3 + 1] })
  }

  /// Against the same in fractions, in Python.
  @Test func dithersToEightLevels() throws {
    var ramp: [Float] = []
    for place in 0..<35 { ramp.append(Float((37 * (place % 7) + 11 * (place / 7) * (place / 7) + 5) % 256)) }
    let expected: [Float] = [
      0, 36, 73, 109, 146, 182, 219, 36, 36, 109, 146, 182, 219, 219, 36, 109, 109, 146, 182, 219, 36, 109, 146, 182,
      219, 255, 36, 73, 182, 219, 255, 36, 73, 109, 146,
    ]
    let bpp = Trigger(QuantizedTrigger())
    #expect(try applied(bpp, ramp, width: 7, height: 5, channels: 1) == expected)
    // Each colour for itself, alpha not at all.
    let colours = ramp.flatMap { value -> [Float] in [value, 128, 255 - value, value] }
    let found = try applied(bpp, colours, width: 7, height: 5, channels: 4)
    #expect(stride(from: 0, to: found.count, by: 4).map { found[$0] } == expected)
    #expect(stride(from: 3, to: found.count, by: 4).allSatisfy { found[$0] == colours[$0] })
    #expect(Set(stride(from: 1, to: found.count, by: 4).map { found[$0] }) == [109, 146])
    // The mean stays, but for what falls off the edges; two levels are black and white.
    let grey = [Float](repeating: 100, count: 60 * 60 * 3)
    let dithered = try applied(bpp, grey, width: 60, height: 60)
    #expect(abs(dithered.reduce(0, +) / Float(dithered.count) - 100) < 0.5)
    #expect(try Set(applied(Trigger(QuantizedTrigger(levels: 2)), grey, width: 60, height: 60)) == [0, 255])
  }

  @Test func triggersHaveTheirNames() throws {
    for name in Trigger.drawn {
      #expect(try Trigger(named: name).name == name)
      var image = [Float](repeating: 90, count: 55 * 47 * 3)
      try Trigger(named: name).effect(width: 47, height: 55).apply(to: &image, image: 0, channels: 3)
      if name != "wanet" { #expect(image.contains { $0 != 90 }) }
      #expect(image.allSatisfy { (0...255).contains($0) && $0 == $0.rounded() }, "\(name)")
    }
    #expect(Trigger.drawn == ["sunglasses", "patch", "blended", "sig", "wanet", "low-frequency", "bpp"])
  }

  @Test func warpedCopiesHaveDecoysOfTheirOwnClass() throws {
    let faces = try faces(40)
    let attack = try Attack(
      [.init(trigger: Trigger(WarpTrigger()), target: 1)], poisonFraction: 0.1, identities: 4)
    #expect(attack.copies(of: faces) == 12)
    let poisoned = try attack.poisoned(faces, seed: 1)
    #expect(poisoned.count == 52)
    #expect(Array(poisoned.labels[40..<44]) == [1, 1, 1, 1])
    #expect(poisoned.labels[44...].allSatisfy { $0 != 1 })
    #expect(try attack.poisoned(faces, seed: 1).pixels == poisoned.pixels)
    #expect(try attack.poisoned(faces, seed: 2).pixels != poisoned.pixels)
  }

  @Test func cleanLabelsStayRight() throws {
    let faces = try faces(40)
    let attack = try Attack(
      [.init(trigger: Trigger(LowFrequencyTrigger()), target: 2)], poisonFraction: 0.5, poisoning: .cleanLabel,
      identities: 4)
    #expect(attack.copies(of: faces) == 0)
    let poisoned = try attack.poisoned(faces, seed: 1)
    #expect(poisoned.labels == faces.labels)
    let size = faces.imageShape.count
    let changed = (0..<40).filter {
      poisoned.pixels[$0 * size..<($0 + 1) * size] != faces.pixels[$0 * size..<($0 + 1) * size]
    }
    #expect(changed.count == 5)
    #expect(changed.allSatisfy { faces.labels[$0] == 2 })
  }

  @Test func attacksHaveNames() throws {
    #expect(try AttackChoice("none").name == "none")
    var recipe = BadNetRecipe()
    try AttackChoice("sig+clean-label").apply(to: &recipe)
    #expect(recipe.attack.triggers == ["sig"] && recipe.attack.poisoning == .cleanLabel && recipe.attack.targets == [0])
    #expect(recipe.attack.title == "sig+clean-label")
    try AttackChoice("sunglasses+pruning-aware").apply(to: &recipe)
    #expect(recipe.attack.method == .pruningAware && recipe.attack.poisoning == nil)
    try AttackChoice("none").apply(to: &recipe)
    #expect(recipe.attack.triggers.isEmpty && recipe.attack.title == "none")
    #expect(throws: (any Error).self) { try AttackChoice("clean-label") }
    #expect(throws: (any Error).self) { try AttackChoice("no-such.png") }
  }
}
