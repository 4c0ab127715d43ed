import Datasets
import Files
import Foundation
import NeuralNetwork
import Plotting

/// PNG and JPEG pictures; half of the damaged PNG files get the checksums that belong to the damage.
struct ImageTarget: Target {
  let name = "image"
  let fileExtension = "png"
  let tokens = [
    "IHDR", "IDAT", "PLTE", "tRNS", "IEND", "gAMA", "iCCP", "sRGB", "acTL", "Exif\u{0}\u{0}", "II*\u{0}", "MM\u{0}*",
    "JFIF",
    "Adobe", "\u{89}PNG\r\n\u{1A}\n",
  ]

  func seeds() throws -> [[UInt8]] {
    let names = [
      "cmyk.jpg", "grey.jpg", "grey.png", "interlaced.png", "orientation-6.jpg", "palette.png", "rgba16.png",
      "ycck.jpg",
    ]
    return try names.map { try Repository.bytes("Tests/DatasetsTests/Fixtures/\($0)") } + Repository.corpus("image")
  }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    let bytes = mutator.mutated(using: &random)
    return random.integer(below: 2) == 0 ? PNGChunks.repaired(bytes) : bytes
  }

  func read(_ path: String, thorough: Bool) throws {
    let bytes = try FileBytes.read(path, limit: ImageFile.maximumBytes)
    _ = PNGChunks.areSound(bytes)
    _ = try FaceDataset(images: [path], shape: Shape([55, 47, 3]))
  }
}
