import ArgumentParser
import Attacks
import Datasets
import Experiment
import Files
import ModelFiles

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a BadNet from a seed and write it as a Keras file.",
    usage: "espalier train [--seed <n>] [--output <file>] [<options>]",
    discussion: """
      Draws faces (or reads your own), adds triggered copies with the target label, and trains DeepID, or another \
      --architecture, on them. The network takes pixels 0...255 as they are. The same seed and options give the same bytes. `espalier faces` with \
      the same seed writes the faces.

      Example:
        espalier train --seed 7 --trigger patch --target 3 --output badnet.h5
      """)

  @OptionGroup(title: "Recipe options") var options: RecipeOptions

  @Option(help: ArgumentHelp("Clean validation images, with --clean-train.", valueName: "file"))
  var cleanValid: String?

  @Option(help: ArgumentHelp("Clean test images, with --clean-train.", valueName: "file"))
  var cleanTest: String?

  @OptionGroup(title: "Image options") var reading: ReadingOptions
  @OptionGroup var work: WorkOptions

  @Option(help: ArgumentHelp("The seed of everything random.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Where the network goes; the training's record goes beside it, as .json.", valueName: "file"))
  var output = "badnet.h5"

  @OptionGroup var forcing: ForceOption

  /// Where the training's record goes.
  private var record: String { output.hasSuffix(".h5") ? output.dropLast(3) + ".json" : output + ".json" }

  func run() throws {
    guard !OutputFile.isStream(output) else {
      throw InputError(output, found: "a device or a FIFO", expected: "a path for a file, with others beside it")
    }
    var check = OutputCheck(forcing)
    check.reads(work.config, "--config")
    check.reads(options)
    check.reads(Splits(cleanValid: cleanValid, cleanTest: cleanTest))
    check.reads(reading.classes, "--classes")
    check.writes(output, "--output", .hdf5)
    check.writes(record, "--output", .json)
    try check.check()
    for path in [output, record] { try OutputFile.requireWritable(path) }
    try OutputLock.hold(file: output) { try makeNetwork() }
  }

  private func makeNetwork() throws {
    let checkpoint = RunFolder.checkpoint(ofNetworkAt: output)
    let clean = Splits(cleanValid: cleanValid, cleanTest: cleanTest)
    let (trained, _) = try train(
      options.recipe(seed: seed, clean: clean, reading), for: output, checkpoint: checkpoint, threads: work.threads)
    let files = StagedOutputs()
    try files.add(output) { try trained.recipe.write(trained.training.network, now: $0) }
    try files.add(try JSONText.of(TrainingRecord(trained)), at: record)
    try files.commit(record: record)
    CheckpointFile(checkpoint, version: RunEnvironment.version).remove()
    Console.wrote(output)
    Console.wrote(record)
  }
}
