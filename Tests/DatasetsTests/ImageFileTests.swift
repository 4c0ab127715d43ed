import Datasets
import Files
import Glibc
import TestSupport
import Testing

@Suite struct ImageFileTests {
  @Test func readsGreyPNG() throws {
    let file = try ImageFile(path: fixture("grey.png"))
    #expect(file.format == .png)
    #expect(!file.hasAlpha)
    #expect(file.bitmap.width == 3 && file.bitmap.height == 2)
    let grey = stride(from: 0, to: 24, by: 4).map { file.bitmap.pixels[$0] }
    #expect(grey == [0, 64, 128, 192, 255, 7])
    #expect(file.bitmap[2, 1] == SIMD4(7, 7, 7, 255))
  }

  @Test func scalesSixteenBitsToEightAndTakesThemForSRGB() throws {
    let file = try ImageFile(path: fixture("rgba16.png"))
    #expect(file.hasAlpha)
    // v / 257 to the nearest: 1234 hex is 18.1, 4321 is 66.9, ABCD is 171.1, 8000 is 127.5.
    #expect(file.bitmap[0, 0] == SIMD4(0, 255, 128, 255))
    #expect(file.bitmap[1, 0] == SIMD4(18, 67, 171, 128))
  }

  @Test func readsTransparentPaletteEntries() throws {
    let file = try ImageFile(path: fixture("palette.png"))
    #expect(file.hasAlpha)
    let expected: [SIMD4<UInt8>] = [
      SIMD4(255, 0, 0, 255), SIMD4(0, 255, 0, 128), SIMD4(0, 0, 255, 0), SIMD4(10, 20, 30, 255),
    ]
    #expect((0..<4).map { file.bitmap[$0, 0] } == expected)
  }

  @Test func readsInterlacedPNG() throws {
    let bitmap = try ImageFile(path: fixture("interlaced.png")).bitmap
    for y in 0..<4 {
      for x in 0..<5 {
        #expect(bitmap[x, y] == SIMD4(UInt8(50 * x), UInt8(60 * y), 200, 255))
      }
    }
  }

  @Test func readsGreyJPEG() throws {
    let file = try ImageFile(path: fixture("grey.jpg"))
    #expect(file.format == .jpeg)
    #expect(file.bitmap == Bitmap(width: 16, height: 8, pixels: (0..<128).flatMap { _ in [77, 77, 77, 255] }))
  }

  /// Pillow's own conversion of the two files gives (0, 122, 153) and (46, 153, 72); it rounds in another place.
  @Test(arguments: [
    ("cmyk.jpg", SIMD4<Int>(0, 122, 153, 255)),
    ("ycck.jpg", SIMD4<Int>(46, 153, 72, 255)),
  ])
  func turnsInksIntoColors(name: String, expected: SIMD4<Int>) throws {
    let pixel = SIMD4<Int>(truncatingIfNeeded: try ImageFile(path: fixture(name)).bitmap[3, 3])
    let difference = pixel &- expected
    #expect((0..<4).allSatisfy { abs(difference[$0]) <= 1 }, "\(pixel)")
  }

  /// The letters are the quarters of the upright picture, row by row, for a file that stores red, green / blue, white.
  @Test(arguments: zip(1...8, ["RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"]))
  func turnsUprightByEXIFOrientation(orientation: Int, quarters: String) throws {
    var bytes = try FileBytes.fixture("orientation-6.jpg")
    let tag = try #require((0..<bytes.count - 12).first { bytes[$0..<$0 + 4].elementsEqual([0x01, 0x12, 0, 3]) })
    #expect(bytes[tag + 9] == 6)
    bytes[tag + 9] = UInt8(orientation)
    let bitmap = try ImageFile(bytes: bytes, name: "turned.jpg").bitmap
    #expect(bitmap.width == (orientation < 5 ? 32 : 16))
    #expect(bitmap.height == (orientation < 5 ? 16 : 32))
    let found = [(1, 1), (3, 1), (1, 3), (3, 3)].map { x, y in
      letter(bitmap[bitmap.width * x / 4, bitmap.height * y / 4])
    }
    #expect(found.joined() == quarters)
  }

  @Test func takesAnImpossibleOrientationForUpright() throws {
    var bytes = try FileBytes.fixture("orientation-6.jpg")
    let tag = try #require((0..<bytes.count - 12).first { bytes[$0..<$0 + 4].elementsEqual([0x01, 0x12, 0, 3]) })
    bytes[tag + 9] = 9
    #expect(try ImageFile(bytes: bytes, name: "x.jpg").bitmap.width == 32)
  }

  private func letter(_ pixel: SIMD4<UInt8>) -> String {
    switch (pixel.x > 127, pixel.y > 127, pixel.z > 127) {
    case (true, false, false): "R"
    case (false, true, false): "G"
    case (false, false, true): "B"
    case (true, true, true): "W"
    default: "?"
    }
  }
}

@Suite struct ImageFileErrorTests {
  @Test func namesTheFirstBytesOfAnotherFormat() {
    #expect(
      message { try ImageFile(bytes: Array("GIF89a".utf8), name: "face.png") }
        == "face.png: not a PNG or JPEG image (first bytes 47 49 46 38)")
    #expect(message { try ImageFile(bytes: [7], name: "a") } == "a: not a PNG or JPEG image (first bytes 07)")
    #expect(message { try ImageFile(bytes: [], name: "a") } == "a: is empty; expected a PNG or JPEG image")
  }

  @Test func refusesWhatIsNoFile() {
    #expect(
      message { try ImageFile(path: "/nowhere/face.png") }
        == "/nowhere/face.png: cannot be read: No such file or directory")
    #expect(message { try ImageFile(path: "/") } == "/: is a directory; expected a file")
    #expect(message { try ImageFile(path: "/dev/zero") } == "/dev/zero: is not a regular file; expected a file")
  }

  @Test func limitsTheFilesSize() {
    #expect(
      message { try FileBytes.read(fixture("grey.png"), limit: 72) }
        == "\(fixture("grey.png")): has 73 bytes; expected at most 72")
  }

  /// Cut anywhere, a file is an error and never a picture with grey in it.
  @Test(arguments: ["rgba16.png", "interlaced.png", "palette.png"])
  func refusesATruncatedPNG(name: String) throws {
    let bytes = try FileBytes.fixture(name)
    let data = try #require((0..<bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual("IDAT".utf8) })
    for length in [8, 20, 33, data, data + 4, data + 10] {
      let text = message { try ImageFile(bytes: Array(bytes.prefix(length)), name: "cut.png") }
      #expect(
        text.hasPrefix("cut.png: PNG does not decode: ") && text.hasSuffix("; expected a whole, undamaged PNG file"))
    }
  }

  @Test(arguments: ["grey.jpg", "cmyk.jpg", "orientation-6.jpg"])
  func refusesATruncatedJPEG(name: String) throws {
    let bytes = try FileBytes.fixture(name)
    for length in stride(from: 3, through: bytes.count - 2, by: 7) {
      let text = message { try ImageFile(bytes: Array(bytes.prefix(length)), name: "cut.jpg") }
      #expect(text.hasPrefix("cut.jpg: JPEG does not decode: "), "\(length) of \(bytes.count) bytes: \(text)")
    }
  }

  @Test func quotesTheLibrarysReason() throws {
    var bytes = try FileBytes.fixture("grey.png")
    bytes[29] ^= 1  // the first byte of IHDR's checksum
    #expect(
      message { try ImageFile(bytes: bytes, name: "face.png") }
        == "face.png: PNG does not decode: IHDR: CRC error; expected a whole, undamaged PNG file")
    let header = Array(try FileBytes.fixture("grey.jpg").prefix(20))
    #expect(
      message { try ImageFile(bytes: header, name: "face.png") }
        == "face.png: JPEG does not decode: no picture in it; expected a whole, undamaged 8-bit JPEG file")
  }

  @Test func refusesHugePicturesBeforeTakingMemory() throws {
    var bytes = try FileBytes.fixture("grey.jpg")
    let frame = try #require((0..<bytes.count - 9).first { bytes[$0..<$0 + 2].elementsEqual([0xFF, 0xC0]) })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(
      message { try ImageFile(bytes: bytes, name: "bomb.jpg") }
        == "bomb.jpg: has 65500 x 65500 pixels; expected 1 to 67108864 pixels in all")
  }

  /// Whatever byte is wrong, the answer is a picture or an `InputError`.
  @Test func survivesDamageAnywhere() throws {
    for name in ["orientation-6.jpg", "ycck.jpg", "palette.png", "interlaced.png"] {
      let bytes = try FileBytes.fixture(name)
      for position in bytes.indices {
        var damaged = bytes
        damaged[position] ^= 0x5A
        do {
          let bitmap = try ImageFile(bytes: damaged, name: name).bitmap
          #expect(bitmap.pixels.count == 4 * bitmap.width * bitmap.height)
        } catch {
          #expect(error is InputError)
        }
      }
    }
  }

  private func message(_ body: () throws -> some Any) -> String {
    do {
      _ = try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }
}

extension FileBytes {
  /// The bytes of a file in `Fixtures`.
  fileprivate static func fixture(_ name: String) throws -> [UInt8] {
    try read(TestSupport.fixture(name), limit: 1 << 20)
  }
}
