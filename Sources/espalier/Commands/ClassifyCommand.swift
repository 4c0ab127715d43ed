import ArgumentParser
import Datasets
import Experiment

struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Name the identity in each image: 0...N, a line each.",
    usage: "espalier classify --model <file> [<options>] <image> ...",
    discussion: """
      Reads PNG and JPEG files and scales them to the network's input. With --repaired the answer is the GoodNet's: N, \
      the number of identities, means poisoned.

      Example:
        espalier classify --model bd_weights.h5 \\
          --repaired runs/lab/repaired-2.h5 face.png another.jpg
      """)

  @Argument(help: ArgumentHelp("PNG or JPEG files.", valueName: "image"))
  var images: [String]

  @OptionGroup(title: "Network options") var model: NetworkOptions
  @OptionGroup(title: "Network options") var repaired: RepairedOption
  @OptionGroup var work: WorkOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    var probe = HDF5Probe()
    probe.add(try model.path, as: .model)
    probe.add(repaired.repaired, as: .model)
    try probe.run()
    let badNet = try model.badNet()
    let faces = try FaceDataset(images: images, shape: badNet.network.inputShape)
    let classes = try Evaluation.classes(
      of: faces.images(0..<faces.count, scale: 1), badNet: badNet, repaired: repaired.network(),
      threads: work.threads)
    if json {
      try printJSON(zip(images, classes).map { Answer(image: $0, label: $1, poisoned: $1 == badNet.network.classes) })
    } else {
      try Console.answer(classes.map { "\($0)\n" }.joined())
    }
  }

  private struct Answer: Encodable {
    let image: String
    /// 0...N
    let label: Int
    let poisoned: Bool
  }
}
