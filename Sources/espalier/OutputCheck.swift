import ArgumentParser
import Datasets
import Defences
import Experiment
import Files

/// Whether files of another kind may be replaced.
struct ForceOption: ParsableArguments {
  @Flag(help: "Replace files of another kind too, as a network by a report.")
  var force = false
}

/// What a command reads and what it writes, looked at before any work: no output is an input or another output, whatever links
/// lead to it, and none replaces a file of another kind unless told to.
struct OutputCheck {
  private struct Output {
    let path: String, option: String
    let kind: FileKind
  }

  private let force: Bool
  private var inputs: [(path: String, option: String)] = []
  private var outputs: [Output] = []
  private var trees: [(path: String, option: String)] = []

  init(_ options: ForceOption) { force = options.force }

  /// A file that is read; nil adds nothing.
  mutating func reads(_ path: String?, _ option: String) {
    if let path { inputs.append((path, option)) }
  }

  /// A run's record, and the curve beside it.
  mutating func reads(run path: String) {
    let folder = OutputFile.isFolder(path) ? path : OutputFile.folder(of: path)
    reads(OutputFile.isFolder(path) ? "\(path)/run.json" : path, "the run")
    for name in ["curve.csv", "environment.json"] { reads("\(folder)/\(name)", "the run") }
  }

  /// Images, as `ImageSource` takes them.
  mutating func reads(images text: String?, _ option: String) {
    guard let source = text.flatMap({ try? ImageSource($0) }) else { return }
    reads(source.images, option)
    reads(source.labels, option)
  }

  mutating func reads(_ images: Splits<String>) {
    for split in Split.allCases { reads(images: images[split], split.option) }
  }

  /// A network, images, and what else shapes a study.
  mutating func reads(_ model: ModelOptions) {
    reads(model.network.model, "--model")
    reads(model.faces.paths)
    reads(model.reading.classes, "--classes")
  }

  mutating func reads(_ recipe: RecipeOptions) {
    reads(images: recipe.cleanTrain, "--clean-train")
    reads(recipe.backdoor)
  }

  mutating func reads(_ triggers: TriggerOptions) {
    for trigger in triggers.trigger where OutputFile.isFile(trigger) { reads(trigger, "--trigger") }
  }

  mutating func reads(_ document: DocumentOptions) {
    reads(document.published.path, "--reference")
    reads(document.template, "--template")
  }

  /// A file that is written, or removed.
  mutating func writes(_ path: String, _ option: String, _ kind: FileKind? = nil) {
    outputs.append(Output(path: path, option: option, kind: kind ?? Self.kind(of: path)))
  }

  /// A run's folder.
  mutating func writes(run folder: String, drops: [Drop]) {
    for path in RunFolder(folder).ownFiles(drops: drops) {
      writes(path, "--output", path.hasSuffix("/run.json") ? .record : nil)
    }
  }

  /// A folder that has runs' folders, `seed-1` and so on, somewhere in it.
  mutating func writes(runsIn folder: String) { trees.append((folder, "--output")) }

  /// What a file's name says of it.
  private static func kind(of path: String) -> FileKind {
    let name = path.lowercased()
    let kinds: [(String, FileKind)] = [
      (".h5", .hdf5), (".keras", .zip), (".zip", .zip), (".png", .png), (".pdf", .pdf), (".svg", .svg),
      (".html", .html),
      (".htm", .html), (".json", .json),
    ]
    return kinds.first { name.hasSuffix($0.0) }?.1 ?? .text
  }

  /// - Throws: `InputError` for the first output that is an input, another output, or a file of another kind.
  func check() throws {
    var seen: [FileIdentity: String] = [:]
    for (path, option) in inputs {
      if let identity = FileIdentity(path) { seen[identity] = seen[identity] ?? option }
      try requireOutside(path, option)
    }
    var names: [FileIdentity: String] = [:]
    for output in outputs {
      guard let identity = FileIdentity(output.path) else { continue }
      if let option = seen[identity] ?? names[identity] {
        throw InputError(
          output.path, found: "the file of \(option) too", expected: "another path for what \(output.option) writes")
      }
      names[identity] = output.option
    }
    for output in outputs where !force {
      guard let found = FileKind.ofFile(output.path), !output.kind.replaces(found) else { continue }
      throw InputError(
        output.path, found: found.rawValue,
        expected: "\(output.kind.rawValue) to replace by \(output.option), or --force to replace anything")
    }
  }

  /// - Throws: `InputError` for an input that lies in a run's folder which may be written.
  private func requireOutside(_ path: String, _ option: String) throws {
    guard !trees.isEmpty else { return }
    let place = RealPath.components(path)
    for tree in trees {
      let root = RealPath.components(tree.path)
      guard place.starts(with: root), place.dropFirst(root.count).dropLast().contains(where: { $0.hasPrefix("seed-") })
      else { continue }
      throw InputError(
        path, found: "given as \(option) in a run's folder",
        expected: "it outside of the folders that \(tree.option) writes")
    }
  }
}
