import ArgumentParser
import Attacks
import Datasets
import Experiment
import Files

struct FacesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faces",
    abstract: "Write drawn faces as HDF5, clean and with the trigger.",
    usage: "espalier faces [--seed <n>] [--output <folder>] [<options>]",
    discussion: """
      Writes train.h5, valid.h5 and test.h5, and bd_valid.h5 and bd_test.h5 with the trigger, in the lab's layout: \
      data (N, 3, 55, 47), label (N). The same seed and options give the faces that `espalier train` and `espalier run` use.

      Example:
        espalier faces --seed 7 --identities 20 --output faces
      """)

  @OptionGroup(title: "Recipe options") var options: RecipeOptions

  @Option(help: ArgumentHelp("The seed of everything random.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Where the files go.", valueName: "folder"))
  var output = "faces"

  @OptionGroup var forcing: ForceOption
  @OptionGroup var work: WorkOptions

  func run() throws {
    var check = OutputCheck(forcing)
    check.reads(work.config, "--config")
    check.reads(options)
    for name in ["train.h5", "valid.h5", "test.h5", "bd_valid.h5", "bd_test.h5"] {
      check.writes("\(output)/\(name)", "--output")
    }
    try check.check()
    try OutputFile.requireWritable("\(output)/train.h5")
    try OutputLock.hold(folder: output) { try write(recipe()) }
  }

  private func recipe() throws -> BadNetRecipe {
    guard options.cleanTrain == nil else {
      throw InputError("--clean-train", found: "given to faces", expected: "it with run or train")
    }
    return options.recipe(seed: seed)
  }

  private func write(_ recipe: BadNetRecipe) throws {
    let faces = try recipe.makeFaces(threads: work.threads)
    let attack = try recipe.makeAttack(identities: faces.identities)
    var files = [("train.h5", faces.training), ("valid.h5", faces.validation), ("test.h5", faces.test)]
    if !attack.backdoors.isEmpty {
      files.append((Split.backdooredValid.fileName, try attack.triggered(faces.validation, name: "validation")))
      files.append((Split.backdooredTest.fileName, try attack.triggered(faces.test, name: "test")))
    }
    let outputs = StagedOutputs()
    for (name, faces) in files { try outputs.add("\(output)/\(name)") { try faces.write(hdf5: $0) } }
    try outputs.commit()
    for (name, faces) in files { Console.wrote("\(output)/\(name) (\(faces.count) faces)") }
  }
}
