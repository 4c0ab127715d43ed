import Files
import NeuralNetwork
import Threads

extension FaceCollection {
  /// The fewest images that an identity can be split into three parts from.
  private static let fewestImages = 5

  /// A person's own faces: a folder of PNG or JPEG images for each identity, scaled to the network's size.
  ///
  /// Identities are numbered by their folders' names in byte order. Of each one's images a tenth, at least one, goes to
  /// the test part and as many to validation, drawn by the seed; the others are for training.
  /// - Throws: `InputError` that names the folder with too few images, or the file that does not decode.
  public init(folder: String, shape: Shape, seed: UInt64, threads: Int) throws {
    let people = try Self.entries(of: folder).filter { OutputFile.isFolder("\(folder)/\($0)") }
    guard people.count >= 2 else {
      throw InputError(
        folder, found: "\(people.count) folders", expected: "a folder of images for each of 2 or more identities")
    }
    let parts = try parallelMap(people.count, threads: threads) { identity in
      let place = "\(folder)/\(people[identity])"
      var files = try Self.entries(of: place).map { "\(place)/\($0)" }.filter { !OutputFile.isFolder($0) }
      guard files.count >= Self.fewestImages else {
        throw InputError(
          place, found: "\(files.count) images", expected: "at least \(Self.fewestImages) of an identity")
      }
      var generator = SeededGenerator(seed: seed, stream: [0x0F01DE5, UInt64(identity)])
      generator.shuffle(&files)
      let share = max(1, files.count / 10)
      let (test, others) = (files.prefix(share), files.dropFirst(share))
      return try [others.dropFirst(share), others.prefix(share), test].map { part in
        try FaceDataset(images: Array(part), shape: shape, label: identity)
      }
    }
    func part(_ index: Int, _ name: String) -> FaceDataset {
      FaceDataset(name: name, joining: parts.map { $0[index] }, shape: shape)
    }
    self.init(
      training: part(0, "training"), validation: part(1, "validation"), test: part(2, "test"), identities: people.count)
  }

  private static func entries(of folder: String) throws -> [String] {
    guard OutputFile.isFolder(folder) else {
      throw InputError(folder, found: "no such folder", expected: "a folder of images for each identity")
    }
    return try FolderEntries.names(in: folder).filter { !$0.hasPrefix(".") }
  }
}
