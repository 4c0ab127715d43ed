import ArgumentParser
import Attacks
import Datasets
import Defences
import Experiment
import Files
import ModelFiles
import Report

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recompute a run, or examine somebody's repaired network.",
    usage: """
      espalier verify <run> [<options>]
      espalier verify --model <file> --repaired <file> [<options>]
      """,
    discussion: """
      Of a run: hashes every file that its record names, recomputes the study, draws the figures and writes the report \
      again, and says item by item what is the same. Paths of given files are seen from where the run was made; --model \
      and the options of faces say where they lie now. A network that was trained here is retrained with --retrain \
      alone. Documents made with --reference, --table-style or --template want the same options.

      Of an archive that bundle wrote: whether its digests are right and every file in it follows from its record.

      Of a repaired network: which channels of --layer were silenced, what else differs from --model, and on the faces \
      given, which X it satisfies and whether it is what this program makes.

      Exit status: 0 where all that was checked is the same (or B' is B but for silenced channels), 1 where something \
      differs or, with --strict, was not checked, 2 for usage or bad input.

      Example:
        espalier verify runs/lab
        espalier verify artifact.zip

      Example, with somebody's repaired network:
        espalier verify --model bd_weights.h5 --repaired repaired.h5 \\
          --clean-valid valid.h5 --backdoored-test bd_test.h5
      """)

  @Argument(help: ArgumentHelp("A run's folder, or its run.json.", valueName: "run"))
  var record: String?

  @Flag(help: "Retrain the network of the run too.")
  var retrain = false

  @Flag(help: "End with status 1 where something of the run could not be checked or was not requested.")
  var strict = false

  @Option(
    help: ArgumentHelp(
      "A figure of the run, once or more; those that its report shows come besides.", valueName: "file"))
  var figure: [String] = []

  @Option(help: ArgumentHelp("The run's report. (default: report/report.md where it is this run's)", valueName: "file"))
  var report: String?

  @OptionGroup(title: "Options of the run's documents") var document: DocumentOptions

  @Option(
    help: ArgumentHelp("The layer that was pruned, of a repaired network. (default: as for run)", valueName: "name"))
  var layer: String?

  @Option(
    help: ArgumentHelp("The X values, of a repaired network. (default: 2,4,10)", valueName: "x,x,…"),
    transform: drops(from:))
  var drops: [Drop]?

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Image options") var triggers: TriggerOptions
  @OptionGroup(title: "Network options") var repaired: RepairedOption
  @OptionGroup var work: WorkOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let ofRepaired = repaired.repaired != nil || layer != nil || drops != nil || model.faces.excludeTarget
    let ofRun = retrain || strict || !figure.isEmpty || report != nil || document.isGiven
    let forms = "a run, or --model and --repaired, each with its own options"
    if let record {
      guard !ofRepaired, !model.network.isPrepared, !triggers.isGiven else {
        throw InputError("verify", found: "a run and options of a repaired network", expected: forms)
      }
      try verifyRun(record)
    } else {
      guard let path = repaired.repaired else {
        throw InputError("verify", found: "no run and no --repaired", expected: forms)
      }
      guard !ofRun else {
        throw InputError("verify", found: "a repaired network and options of a run", expected: forms)
      }
      try examine(path)
    }
  }

  private func verifyBundle(_ path: String) throws {
    let verification = try BundleVerification(BundleFile.entries(of: path), name: path)
    let summary = VerificationSummary(run: path, findings: verification.findings)
    if json { try printJSON(summary) } else { try Console.answer(summary.text + "\n") }
    if summary.different > 0 { throw ExitCode(1) }
  }

  private func verifyRun(_ path: String) throws {
    if BundleFile.isBundle(path) { return try verifyBundle(path) }
    for figure in figure { _ = try FigureFile.format(of: figure) }
    let form = try document.form()
    var options = RunVerification.Options()
    (options.model, options.data, options.threads) = (model.network.model, model.faces.paths, work.threads)
    var probe = HDF5Probe()
    let files = try RunVerification.files(of: path, options: options)
    for file in [files.model] + files.repaired { probe.add(file, as: .model) }
    probe.add(files.data, files.reading)
    try probe.run()
    var retraining: ((BadNetRecipe) throws -> TrainedBadNet)?
    if retrain {
      retraining = { recipe in
        let bar = ProgressBar("training")
        defer { bar.clear() }
        return try train(recipe, checkpoint: nil, threads: work.threads, bar: bar)
      }
    }
    // Made when the study begins, so that the time left is the study's own.
    var bar: ProgressBar?
    defer { bar?.clear() }
    let run = try RunVerification(path, options: options, retrain: retraining) {
      bar = bar ?? ProgressBar("pruning")
      bar?.update($0.done, of: $0.total, $0.split.title)
    }
    bar?.clear()
    var places = DocumentVerification.Places()
    (places.figures, places.report) = (figure, report)
    let documents = try DocumentVerification(
      of: run, at: places, reference: form.reference, tableStyle: form.tableStyle, template: form.template)
    let summary = VerificationSummary(run: path, findings: run.findings + documents.findings)
    if json { try printJSON(summary) } else { try Console.answer(summary.text + "\n") }
    if summary.different > 0 || strict && summary.notChecked > 0 { throw ExitCode(1) }
  }

  private func examine(_ path: String) throws {
    let sources = try model.sources(triggers)
    try model.probe(repaired: path)
    let badNet = try sources.badNet()
    let network = try ModelFile.read(path)
    var options = StudyOptions(drops: drops ?? Drop.published, threads: work.threads)
    if let layer { options.layer = layer } else { options.choosesLayer = true }
    options = try options.choosingLayer(of: badNet.network)
    let examination = try RepairedExamination(
      of: badNet.network, repaired: network, names: (sources.model, path), layer: options.layer)
    let faces = try sources.faces(for: badNet.network)
    let (predictions, warnings) = try Evaluation.evaluate(
      badNet, repaired: network, on: faces, excludesTarget: model.faces.excludeTarget, threads: work.threads)
    for warning in warnings { Console.warn(warning) }
    var selection: RepairedSelection?
    if let validation = faces.cleanValid, let predicted = predictions.cleanValid {
      let bar = ProgressBar("ranking")
      defer { bar.clear() }
      selection = try RepairedSelection(
        of: examination, badNet, on: validation, rates: (predicted.rate(after: 0), predicted.rate(after: 1)),
        options: options
      ) { bar.update($0.done, of: $0.total, $0.split.title) }
    }
    let hasFaces = Split.allCases.contains { faces[$0] != nil }
    let verification = RepairedVerification(
      model: sources.model, repaired: path, examination: examination, selection: selection,
      networks: hasFaces ? Evaluation.networks(predictions) : [])
    if json { try printJSON(verification) } else { try Console.answer(verification.text + "\n") }
    if !examination.isPruningAlone { throw ExitCode(1) }
  }
}
