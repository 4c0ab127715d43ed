import ArgumentParser
import Experiment
import Files

/// Where the missing runs of a comparison are made.
struct EngineOptions: ParsableArguments {
  enum Engine: String, CaseIterable, ExpressibleByArgument { case local, slurm, print }

  @Option(
    help: ArgumentHelp(
      "Where missing runs are made: here, by job arrays of Slurm, or nowhere: print writes their commands, one a line.",
      valueName: "engine"))
  var engine = Engine.local

  @Option(
    help: ArgumentHelp(
      "Make every n-th seed alone, from the i-th on, and write no figures: for any other scheduler.", valueName: "i/n"),
    transform: shard(from:))
  var shard: Shard?

  @Flag(help: "With --engine slurm: submit and return; the same command without it collects.")
  var noWait = false

  @Option(
    help: ArgumentHelp(
      "Seeds of a task or printed command. (default: some ten minutes of work, or 1 with print)", valueName: "n"),
    transform: seedsOfTask(from:))
  var seedsPerTask: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Options of sbatch in one word, as \"--partition=short --time=00:10:00\".", valueName: "options"))
  var engineOptions = ""

  /// - Throws: `InputError` for options of another engine.
  func check() throws {
    if let shard, engine != .local {
      throw InputError(
        "--shard", found: "\(shard.index)/\(shard.of) with --engine \(engine.rawValue)", expected: "one of the two")
    }
    guard engine != .slurm, shard == nil else { return }
    let option = noWait ? "--no-wait" : !engineOptions.isEmpty ? "--engine-options" : nil
    if let option {
      throw InputError(option, found: "given without --engine slurm", expected: "it with job arrays alone")
    }
    if engine == .local, seedsPerTask != nil {
      throw InputError("--seeds-per-task", found: "given without an engine", expected: "--engine slurm or print")
    }
  }

  /// The words of `--engine-options`; quotes hold a word together.
  var words: [String] {
    var (words, word, quote) = ([String](), "", Character?.none)
    var isWord = false
    for character in engineOptions {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        (quote, isWord) = (character, true)
      } else if character.isWhitespace {
        if isWord { words.append(word) }
        (word, isWord) = ("", false)
      } else {
        word.append(character)
        isWord = true
      }
    }
    return isWord ? words + [word] : words
  }
}

@Sendable private func shard(from text: String) throws -> Shard {
  guard let shard = Shard(text) else { throw ValidationError("expected a part and their number, as 3/10") }
  return shard
}

@Sendable private func seedsOfTask(from text: String) throws -> Int {
  guard let number = Int(text), (1...1_000_000).contains(number) else {
    throw ValidationError("expected a whole number in 1...1000000")
  }
  return number
}
