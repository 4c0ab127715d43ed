import ArgumentParser
import Datasets
import Experiment
import Files
import Foundation
import ModelFiles
import NeuralNetwork
import Report

/// The options of every command that takes a network.
struct NetworkOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The network: a Keras HDF5 model, or DeepID weights.", valueName: "file"))
  var model: String?

  @Option(
    help: ArgumentHelp("What pixels are multiplied by, as 1 or 1/255. (default: 1)", valueName: "scale"),
    transform: scale(from:))
  var inputScale = 1.0

  /// The path of the network, which has to be given.
  var path: String {
    get throws {
      guard let model else { throw InputError("--model", found: "not given", expected: "a Keras HDF5 file") }
      return model
    }
  }

  func badNet() throws -> BadNet {
    BadNet(network: try KerasModelFile.read(path), inputScale: inputScale)
  }
}

/// A repaired network beside the original.
struct RepairedOption: ParsableArguments {
  @Option(help: ArgumentHelp("A repaired network B' (Keras HDF5).", valueName: "file"))
  var repaired: String?

  func network() throws -> Network? { try repaired.map { try KerasModelFile.read($0) } }
}

/// The options of every command that takes faces.
struct FaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Clean validation faces (HDF5).", valueName: "file"))
  var cleanValid: String?

  @Option(help: ArgumentHelp("Clean test faces (HDF5).", valueName: "file"))
  var cleanTest: String?

  @Option(help: ArgumentHelp("Backdoored validation faces (HDF5).", valueName: "file"))
  var backdooredValid: String?

  @Option(help: ArgumentHelp("Backdoored test faces (HDF5).", valueName: "file"))
  var backdooredTest: String?

  @Flag(help: "Leave faces whose true identity is the target out of attack success.")
  var excludeTarget = false

  var paths: Splits<String> {
    Splits(
      cleanValid: cleanValid, cleanTest: cleanTest, backdooredValid: backdooredValid, backdooredTest: backdooredTest)
  }
}

/// The options of every command that takes a network and faces.
struct ModelOptions: ParsableArguments {
  @OptionGroup(title: "Network options") var network: NetworkOptions
  @OptionGroup(title: "Face options") var faces: FaceOptions

  /// Lets a child of this program read the files first.
  /// - Parameter repaired: of the same command.
  /// - Throws: `InputError` for a file that the child did not survive.
  func probe(repaired: String? = nil) throws {
    var probe = HDF5Probe()
    probe.add(network.model, as: .model)
    probe.add(repaired, as: .model)
    probe.add(faces.paths)
    try probe.run()
  }

  /// The files; `--model` has to be given.
  func sources() throws -> StudySources {
    StudySources(model: try network.path, inputScale: network.inputScale, data: faces.paths)
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

/// A warning where the network does hardly better than chance, which is mostly a wrong scale.
func warnNearChance(_ predictions: SplitPredictions?, scale: Double, split: Split) {
  guard let predictions, predictions.isNearChance else { return }
  let rate = predictions.rate(after: 0)
  Console.warn(
    """
    \(split.title) accuracy is \(rate.hits)/\(rate.total), near chance; is --input-scale \(InputScale.text(scale)) \
    right for this model?
    """
  )
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
