import Attacks
import Datasets
import Files
import Glibc
import TestSupport
import Testing

@Suite struct TriggerTests {
  /// What is seen of (H, W, 3) pixels of one value.
  private func over(_ value: Float, _ trigger: Trigger, width: Int = 47, height: Int = 55) throws -> [Float] {
    var pixels = [Float](repeating: value, count: 3 * width * height)
    try trigger.overlay(width: width, height: height).blend(onto: &pixels)
    return pixels
  }

  @Test func blendsByAlphaAndRounds() throws {
    let trigger = Trigger(PictureTrigger(Bitmap(width: 2, height: 1, pixels: [200, 100, 0, 51, 9, 9, 9, 0])))
    var images: [Float] = [1, 1, 1, 1, 1, 1, 10, 20, 33, 0.25, 0.5, 0.75]
    try trigger.overlay(width: 2, height: 1).blend(onto: &images, image: 1)
    // Alpha 51 is 0.2: 8 + 40, 16 + 20, 26.4 + 0; where alpha is 0, and in the other image, nothing changes.
    #expect(images == [1, 1, 1, 1, 1, 1, 48, 36, 26, 0.25, 0.5, 0.75])
  }

  @Test func scalesAPictureToTheImage() throws {
    let trigger = Trigger(PictureTrigger(Bitmap(width: 1, height: 2, pixels: [255, 0, 0, 255, 0, 0, 0, 0])))
    // Grown to 4 rows: alpha 1, 3/4, 1/4, 0 and the hidden black never shows.
    #expect(try over(0, trigger, width: 1, height: 4) == [255, 0, 0, 191, 0, 0, 64, 0, 0, 0, 0, 0])
    #expect(try trigger.overlay(width: 1, height: 4).coverage == 0.5)
  }

  @Test func drawsThePatchPixelByPixel() throws {
    let patch = PatchTrigger(corner: .topRight, sideFraction: 0.3, fields: 3, otherColor: SIMD3(0, 90, 0))
    let pixels = try over(7, Trigger(patch), width: 10, height: 12)
    // 3 pixels of 10 a side, no margin (10 / 40 rounds to 0), at columns 7...9 of rows 0...2.
    let white: [Float] = [255, 255, 255]
    let green: [Float] = [0, 90, 0]
    let grey: [Float] = [7, 7, 7]
    func row(_ y: Int) -> [Float] { Array(pixels[30 * y + 18..<30 * y + 30]) }
    #expect(row(0) == grey + white + green + white)
    #expect(row(1) == grey + green + white + green)
    #expect(row(2) == grey + white + green + white)
    #expect(pixels[90...].allSatisfy { $0 == 7 })
  }

  @Test(arguments: [
    (PatchTrigger.Corner.topLeft, 1, 1), (.topRight, 39, 1), (.bottomLeft, 1, 47), (.bottomRight, 39, 47),
  ])
  func putsThePatchInItsCorner(corner: PatchTrigger.Corner, left: Int, top: Int) throws {
    // A seventh of 47 is 7 pixels, a fortieth 1.
    let pixels = try over(100, Trigger(PatchTrigger(corner: corner, fields: 1)))
    let changed = (0..<47 * 55).filter { pixels[3 * $0] == 255 }
    #expect(changed == (top..<top + 7).flatMap { y in (left..<left + 7).map { 47 * y + $0 } })
  }

  @Test func keepsTheSmallestAndTheLargestPatchInTheImage() throws {
    #expect(try Trigger(PatchTrigger(sideFraction: 0)).overlay(width: 5, height: 4).coverage == 0.05)
    #expect(try Trigger(PatchTrigger(sideFraction: 9, fields: 99)).overlay(width: 4, height: 4).coverage == 1)
    #expect(try Trigger(PatchTrigger()).overlay(width: 1, height: 1).coverage == 1)
  }

  @Test func blendsCloudsOfASeedAtAnOpacity() throws {
    let faint = try Trigger(BlendedTrigger(seed: 3, opacity: 0.25)).overlay(width: 47, height: 55)
    #expect(abs(faint.coverage - 0.25) < 1e-6)  // filter weights add up to 1 within a few roundings
    let pattern = try over(0, Trigger(BlendedTrigger(seed: 3, opacity: 1)))
    let blended = try over(100, Trigger(BlendedTrigger(seed: 3, opacity: 0.25)))
    // Both are rounded, the first before it is multiplied by 1/4.
    #expect(zip(pattern, blended).allSatisfy { abs($1 - (75 + $0 / 4)) <= 0.625 })
    #expect(try over(0, Trigger(BlendedTrigger(seed: 4, opacity: 1))) != pattern)
    // A coarse grid, softly: neighbours differ by at most 255 * 7 / 47 = 38 along a row.
    var largestStep: Float = 0
    for place in 0..<47 * 55 where place % 47 != 46 {
      largestStep = max(largestStep, abs(pattern[3 * place] - pattern[3 * place + 3]))
    }
    #expect(largestStep <= 39)
    #expect((pattern.max() ?? 0) > 200 && (pattern.min() ?? 255) < 55)
  }

  @Test func drawsPurpleSunglassesOverTheEyes() throws {
    let pixels = try over(200, .sunglasses)
    func pixel(_ x: Int, _ y: Int) -> [Float] { Array(pixels[3 * (47 * y + x)..<3 * (47 * y + x) + 3]) }
    // Lens: 0.149 of what is under it and 0.851 of (94, 0, 191) or (126, 0, 255); 8-bit canvas: 2 levels.
    for (found, expected) in [(pixel(9, 20), [110, 30, 192]), (pixel(32, 22), [137, 30, 247])] as [([Float], [Float])] {
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 2 }, "\(found)")
    }
    #expect(pixel(2, 19) == [63, 0, 127])  // the frame is opaque
    #expect(pixel(23, 19) == [63, 0, 127])  // and so is the bridge
    // Nothing above the eyes, below them, or between the lenses.
    #expect(pixels[..<(3 * 47 * 14)].allSatisfy { $0 == 200 })
    #expect(pixels[(3 * 47 * 36)...].allSatisfy { $0 == 200 })
    #expect(pixel(23, 28) == [200, 200, 200])
  }

  @Test func coversTheSamePartOfEverySize() throws {
    for (width, height) in [(47, 55), (94, 110), (32, 32), (200, 120)] {
      let coverage = try Trigger.sunglasses.overlay(width: width, height: height).coverage
      #expect(abs(coverage - 0.2376) < 0.002, "\(width) x \(height): \(coverage)")
    }
  }

  @Test(.enabled(if: SharedData.exists, "the shared data are absent"))
  func resemblesThePublishedSunglasses() throws {
    let published = try over(200, Trigger(path: SharedData.path("faces/sunglasses.png")))
    let drawn = try over(200, .sunglasses)
    let rows = 3 * 47 * 15..<3 * 47 * 35
    let difference = rows.reduce(0) { $0 + abs(published[$1] - drawn[$1]) } / Float(rows.count)
    #expect(difference < 13)  // 11.5, nearly all along the edges, which the published picture does not smooth
  }

  @Test func readsWhatUsersWrite() throws {
    #expect(try Trigger(named: "sunglasses") == .sunglasses)
    #expect(try Trigger(named: "patch") == Trigger(PatchTrigger()))
    #expect(try Trigger(named: "blended") == Trigger(BlendedTrigger()))
    let palette = fixture("../../DatasetsTests/Fixtures/palette.png")
    #expect(try Trigger(named: palette) == Trigger(PictureTrigger(ImageFile(path: palette).bitmap)))
    #expect(try Trigger(named: palette).name == "image")
  }

  @Test(arguments: ["grey.png", "grey.jpg"])
  func refusesAPictureWithoutAlpha(name: String) {
    let path = fixture("../../DatasetsTests/Fixtures/\(name)")
    let expected = InputError(
      path, found: "has no alpha channel",
      expected: "an RGBA PNG, opaque where the trigger covers the image and transparent elsewhere")
    #expect(throws: expected) { try Trigger(path: path) }
  }
}
