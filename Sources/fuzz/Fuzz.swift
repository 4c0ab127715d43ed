import Foundation

/// `fuzz TARGET [--inputs N] [--seconds S] [--seed K] [--keep FOLDER] [FILE …]`: made inputs for one of the parsers, each in
/// a process that may fail. With files: those alone, in this process, so that a debugger sees what happens.
@main
struct Fuzz {
  static func main() throws {
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      if let batch = arguments.batch {
        try Worker(arguments, batch).run()
      } else if arguments.files.isEmpty {
        var campaign = try Campaign(arguments)
        exit(try campaign.run() ? 0 : 1)
      } else {
        for file in arguments.files { print("\(file): \(try Worker.outcome(of: file, arguments))") }
      }
    } catch let error as Arguments.Problem {
      FileHandle.standardError.write(Data("fuzz: \(error.text)\n".utf8))
      exit(2)
    }
  }
}

/// What the command line asks for.
struct Arguments {
  struct Problem: Error { let text: String }

  let target: any Target
  /// How many inputs at most, and for how long at most.
  var inputs = 100_000
  var seconds = Double.infinity
  /// The same seed makes the same inputs.
  var seed: UInt64 = 1
  /// Where inputs go that fail.
  var keep = "fuzz-failures"
  /// Off where a sanitizer needs memory of its own.
  var limitsMemory = true
  var files: [String] = []
  /// Of a worker: which inputs, and where it notes how far it is.
  var batch: Batch?

  struct Batch {
    let first: Int
    let end: Int
    let progress: String
  }

  init(_ words: [String]) throws {
    let names = Targets.all.map(\.name).joined(separator: ", ")
    guard let name = words.first, let target = Targets.all.first(where: { $0.name == name }) else {
      throw Problem(text: "\(words.first ?? "no target"): no such target; expected one of \(names)")
    }
    self.target = target
    var rest = words.dropFirst()
    func value<Value>(_ option: String, _ parse: (String) -> Value?) throws -> Value {
      guard let text = rest.popFirst(), let value = parse(text) else { throw Problem(text: "\(option): no number") }
      return value
    }
    while let word = rest.popFirst() {
      switch word {
      case "--inputs": inputs = try value(word) { Int($0) }
      case "--seconds": seconds = try value(word) { Double($0) }
      case "--seed": seed = try value(word) { UInt64($0) }
      case "--keep": keep = try value(word) { $0 }
      case "--no-memory-limit": limitsMemory = false
      case "--batch":
        batch = Batch(
          first: try value(word) { Int($0) }, end: try value(word) { Int($0) }, progress: try value(word) { $0 })
      case _ where word.hasPrefix("--"): throw Problem(text: "\(word): no such option")
      default: files.append(word)
      }
    }
  }
}
