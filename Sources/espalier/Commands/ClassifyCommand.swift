import ArgumentParser
import Datasets
import Experiment
import Files

struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Name the class of each image: 0...N, a line each.",
    usage: "espalier classify --model <file> [<options>] <image> ...",
    discussion: """
      Reads PNG and JPEG files and scales them to the network's input. With --repaired the answer is the GoodNet's: N, \
      the number of classes, means poisoned. With --classes, names are printed.

      Example:
        espalier classify --model bd_weights.h5 \\
          --repaired runs/lab/repaired-2.h5 face.png another.jpg
      """)

  @Argument(help: ArgumentHelp("PNG or JPEG files.", valueName: "image"))
  var images: [String]

  @OptionGroup(title: "Network options") var model: NetworkOptions
  @OptionGroup(title: "Network options") var repaired: RepairedOption
  @OptionGroup var work: WorkOptions

  @Option(
    help: ArgumentHelp("Print names: a file with that of each class a line, or names.", valueName: "file"))
  var classes: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    var probe = HDF5Probe()
    probe.add(try model.path, as: .model)
    probe.add(repaired.repaired, as: .model)
    try probe.run()
    let badNet = try model.badNet()
    let names = try classes.map(ClassNames.read)
    if let names, names.count != badNet.network.classes {
      throw InputError(
        "--classes", found: names.count == 1 ? "1 name" : "\(names.count) names",
        expected: "\(badNet.network.classes), one for each class of the model")
    }
    func name(_ label: Int) -> String? {
      names.map { label < $0.count ? $0[label] : "poisoned" }
    }
    let faces = try FaceDataset(images: images, shape: badNet.network.inputShape)
    let answers = try Evaluation.classes(
      of: faces.images(0..<faces.count, scale: 1), badNet: badNet, repaired: repaired.network(),
      threads: work.threads)
    if json {
      try printJSON(
        zip(images, answers).map {
          Answer(image: $0, label: $1, name: name($1), poisoned: $1 == badNet.network.classes)
        })
    } else {
      try Console.answer(answers.map { "\(name($0) ?? "\($0)")\n" }.joined())
    }
  }

  private struct Answer: Encodable {
    let image: String
    /// 0...N
    let label: Int
    /// With --classes.
    let name: String?
    let poisoned: Bool
  }
}
