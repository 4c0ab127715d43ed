import ArgumentParser
import Attacks
import Datasets
import Experiment
import Files
import Foundation
import ModelFiles
import NeuralNetwork
import Report

/// The options of every command that takes a network.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The network: Keras (.h5, .keras, DeepID weights) or ONNX (.onnx).", valueName: "file"))
  var model: String?

  @Option(
    help: ArgumentHelp("What pixels are multiplied by, as 1 or 1/255. (default: 1)", valueName: "scale"),
    transform: scale(from:))
  var inputScale = 1.0

  @Option(
    help: ArgumentHelp(
      "What is then subtracted: one number for each colour, or one for all.", valueName: "m,m,…"),
    transform: numbers(from:))
  var mean: [Double]?

  @Option(
    help: ArgumentHelp("What the rest is divided by: one number for each colour, or one for all.", valueName: "s,s,…"),
    transform: numbers(from:))
  var std: [Double]?

  @Option(
    help: ArgumentHelp("The output that counts, of a network with several. (default: the first)", valueName: "name"))
  var outputLayer: String?

  /// What becomes of pixels before they enter the network.
  func preparation() throws -> InputPreparation { try InputPreparation(scale: inputScale, mean: mean, std: std) }

  /// Whether pixels are to be prepared in another way than by default.
  var isPrepared: Bool { inputScale != 1 || mean != nil || std != nil }

  /// The path of the network, which has to be given.
  var path: String {
    get throws {
      guard let model else { throw InputError("--model", found: "not given", expected: "a Keras or ONNX file") }
      return model
    }
  }

  func badNet() throws -> BadNet {
    let contents = try ModelFile.contents(path, outputLayer: outputLayer)
    if let note = contents.note { Console.standardError(note) }
    return try BadNet(network: contents.network, preparation: preparation())
  }
}

/// A repaired network beside the original.
struct RepairedOption: ParsableArguments {
  @Option(help: ArgumentHelp("A repaired network B'.", valueName: "file"))
  var repaired: String?

  func network() throws -> Network? { try repaired.map { try ModelFile.read($0) } }
}

/// What the files of images do not tell.
struct ReadingOptions: ParsableArguments {
  @Option(help: "The order of axes, where the sizes do not tell it. (default: as the model wants)")
  var layout: ImageLayout?

  @Option(
    help: ArgumentHelp("The array of images in a file of several. (default: data, x, images …)", valueName: "name"))
  var imagesKey: String?

  @Option(help: ArgumentHelp("The array of labels. (default: label, y, labels …)", valueName: "name"))
  var labelsKey: String?

  @Option(
    help: ArgumentHelp(
      "The classes by label: a file with a name a line, or names. (default: folders by name)", valueName: "file"))
  var classes: String?

  func reading() throws -> ImageReading {
    var reading = ImageReading()
    (reading.layout, reading.imagesKey, reading.labelsKey) = (layout, imagesKey, labelsKey)
    reading.classes = try classes.map(ClassNames.read)
    return reading
  }
}

extension ImageLayout: ExpressibleByArgument {}

/// Triggers, and what a network shall answer to them.
struct TriggerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "\(Trigger.drawn.joined(separator: ", ")), or an RGBA PNG; several for several backdoors.",
      valueName: "trigger"))
  var trigger: [String] = []

  @Option(
    help: ArgumentHelp("The target label: one for each trigger, or one for all. (default: 0, 1 …)", valueName: "label"))
  var target: [Int] = []

  var isGiven: Bool { !trigger.isEmpty || !target.isEmpty }

  /// The triggers for a given network; nil where none was given.
  func attack() throws -> BadNetRecipe.AttackNames? {
    guard !trigger.isEmpty else {
      guard target.isEmpty else {
        throw InputError("--target", found: "given without --trigger", expected: "a trigger to lay over clean images")
      }
      return nil
    }
    guard !target.isEmpty else {
      throw InputError(
        "--trigger", found: "given without --target", expected: "the label that the network answers to it")
    }
    var names = BadNetRecipe.AttackNames()
    (names.triggers, names.targets) = (trigger, target)
    return names
  }
}

/// The options of every command that takes faces.
struct FaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Clean validation images: HDF5, NumPy, IDX, CIFAR or folders; FILE:0-100 for rows.", valueName: "file"))
  var cleanValid: String?

  @Option(help: ArgumentHelp("Clean test images, likewise.", valueName: "file"))
  var cleanTest: String?

  @Option(help: ArgumentHelp("Backdoored validation images.", valueName: "file"))
  var backdooredValid: String?

  @Option(help: ArgumentHelp("Backdoored test images.", valueName: "file"))
  var backdooredTest: String?

  @Flag(
    help: """
      Leave images whose true class is the target out of attack success. Needs the clean split beside each backdoored one, \
      with the same images in the same order: row by row it tells the true class.
      """)
  var excludeTarget = false

  var paths: Splits<String> {
    Splits(
      cleanValid: cleanValid, cleanTest: cleanTest, backdooredValid: backdooredValid, backdooredTest: backdooredTest)
  }
}

/// The options of every command that takes a network and faces.
struct ModelOptions: ParsableArguments {
  @OptionGroup(title: "Network options") var network: NetworkOptions
  @OptionGroup(title: "Image options") var faces: FaceOptions
  @OptionGroup(title: "Image options") var reading: ReadingOptions

  /// Lets a child of this program read the files first.
  /// - Parameter repaired: of the same command.
  /// - Throws: `InputError` for a file that the child did not survive.
  func probe(repaired: String? = nil) throws {
    var probe = HDF5Probe()
    probe.add(network.model, as: .model)
    probe.add(repaired, as: .model)
    probe.add(faces.paths, try reading.reading())
    try probe.run()
  }

  /// The files; `--model` has to be given.
  /// - Parameter triggers: which make the backdoored splits; nil where the command has none.
  func sources(_ triggers: TriggerOptions? = nil) throws -> StudySources {
    var sources = StudySources(model: try network.path, inputScale: network.inputScale, data: faces.paths)
    sources.preparation = try network.preparation()
    sources.outputLayer = network.outputLayer
    sources.reading = try reading.reading()
    sources.attack = try triggers?.attack()
    if sources.attack != nil, let split = Split.allCases.first(where: { $0.isBackdoored && faces.paths[$0] != nil }) {
      throw InputError(split.option, found: "given beside --trigger", expected: "one of the two")
    }
    return sources
  }
}

/// How the work is done; changes speed and nothing else.
struct WorkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How many threads may work at once; changes speed and nothing else. (default: all cores)", valueName: "n"),
    transform: workerCount(from:))
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(
    help: ArgumentHelp("A YAML file with these options by their names; the command line wins.", valueName: "file"))
  var config: String?
}

/// Numbers with commas between them, or fractions as 1/255.
@Sendable private func numbers(from text: String) throws -> [Double] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    guard let first = parts[0], parts.count <= 2, let second = parts.count == 2 ? parts[1] : 1, second != 0 else {
      throw ValidationError("expected numbers with commas between them, as 0.5 or 0.485,0.456,0.406")
    }
    return parts.count == 2 ? first / second : first
  }
}

@Sendable private func scale(from text: String) throws -> Double {
  guard let scale = InputScale.value(text) else {
    throw ValidationError("expected a positive number, as 1 or 1/255")
  }
  return scale
}

/// How many threads or runs may work at once, 1...1024.
@Sendable func workerCount(from text: String) throws -> Int {
  guard let number = Int(text), (1...1024).contains(number) else {
    throw ValidationError("expected a whole number in 1...1024")
  }
  return number
}
