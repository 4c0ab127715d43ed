import ArgumentParser
import Backdoor
import Experiment
import Foundation
import Report

/// The options of every command that takes a model and data.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The network: a Keras HDF5 model, or DeepID weights.", valueName: "file"))
  var model: String?

  @Option(help: ArgumentHelp("What pixels are multiplied by, as 1 or 1/255.", valueName: "scale"), transform: inputScale)
  var inputScale = 1.0

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

  @OptionGroup var work: WorkOptions

  /// The files; `--model` is asked for where it is missing.
  func sources() throws -> StudySources {
    guard let model else { throw InputError("--model", found: "not given", expected: "a Keras HDF5 file") }
    return StudySources(
      model: model, inputScale: inputScale,
      data: Splits(
        cleanValid: cleanValid, cleanTest: cleanTest, backdooredValid: backdooredValid, backdooredTest: backdooredTest))
  }
}

/// How the work is done; changes speed and nothing else.
struct WorkOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many threads may work at once (default: all cores).", valueName: "n"), transform: positive)
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: ArgumentHelp("A YAML file with these options by their names; an option given here wins.", valueName: "file"))
  var config: String?
}

/// A warning where the network does hardly better than chance, which is mostly a wrong scale.
func warnNearChance(_ predictions: SplitPredictions?, scale: Double, split: Split) {
  guard let predictions, predictions.isNearChance else { return }
  let rate = predictions.rate(after: 0)
  Console.warn(
    "\(split.title) accuracy is \(rate.hits)/\(rate.total), near chance; is --input-scale \(InputScale.text(scale)) right for this model?")
}

@Sendable private func inputScale(_ text: String) throws -> Double {
  guard let scale = InputScale.value(text) else {
    throw ValidationError("--input-scale: \(text); expected a positive number, as 1 or 1/255")
  }
  return scale
}

@Sendable private func positive(_ text: String) throws -> Int {
  guard let number = Int(text), (1...1024).contains(number) else {
    throw ValidationError("--threads: \(text); expected a whole number in 1...1024")
  }
  return number
}
