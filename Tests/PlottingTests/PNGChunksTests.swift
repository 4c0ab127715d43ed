import Plotting
import Testing

struct PNGChunksTests {
  @Test func everyChangedByteOfOurFilesIsFound() throws {
    let file = try Picture(width: 12, height: 10) { canvas in
      canvas.disc(at: Point(6, 5), radius: 4, with: .blue)
    }.data(as: .png(dotsPerInch: 72))
    #expect(PNGChunks.areSound(file))
    for place in file.indices {
      var changed = file
      changed[place] ^= 1
      #expect(!PNGChunks.areSound(changed), "byte \(place)")
    }
    for count in [0, 8, 20, file.count - 1] { #expect(!PNGChunks.areSound(Array(file.prefix(count)))) }
    #expect(!PNGChunks.areSound(file + [0]))
  }
}
