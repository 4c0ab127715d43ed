import ArgumentParser
import Experiment
import Files
import Foundation
import Plotting
import Report

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Prune a BadNet, draw the figure and write the report.",
    usage: """
      espalier run [--model <file> --clean-valid <file>] [<options>]
      espalier run <run> [--keep <files>]
      """,
    discussion: """
      Without --model: draws faces from the seed, trains a BadNet on them and prunes that one; nothing is downloaded. \
      With it: prunes that network; splits other than --clean-valid are only evaluated and may be left out.

      Leaves run.json, curve.csv and a repaired network for each X in the output folder, the figure as PNG with a PDF \
      beside it, and the report as Markdown.

      With a run's folder: makes that run again as its record says, with the networks and faces that --keep record left \
      out; draws nothing. The record has to come out as it was.

      Example:
        espalier run --seed 2 --output runs/seed-2
        espalier run runs/compare/seed-7

      Example, with the lab's network and faces:
        espalier run --model bd_weights.h5 --input-scale 1 \\
          --clean-valid valid.h5 --clean-test test.h5 \\
          --backdoored-valid bd_valid.h5 --backdoored-test bd_test.h5 \\
          --output runs/lab
      """)

  @Argument(help: ArgumentHelp("A run's folder, or its run.json, to be made again.", valueName: "run"))
  var again: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Pruning options") var pruning: PruningOptions
  @OptionGroup(title: "Recipe options, without --model") var recipe: RecipeOptions
  @OptionGroup(title: "Report options") var document: DocumentOptions
  @OptionGroup(title: "Report options") var places: DocumentPlaces
  @OptionGroup var forcing: ForceOption
  @OptionGroup var work: WorkOptions

  @Flag(help: "Write RO-Crate metadata (ro-crate-metadata.json) into the output folder.")
  var crate = false

  func run() throws {
    if let again {
      try requireNothingBeside(again)
      return try RunAgain(again, keep: pruning.keeping.keep, threads: work.threads).make(forcing)
    }
    let options = try pruning.choice.study(seed: pruning.seed, threads: work.threads)
    try checkOutputs()
    try places.requireWritable()
    let form = try document.form()
    let subject = try Subject(model, recipe, seed: pruning.seed)
    try model.probe()
    try OutputLock.hold(folder: pruning.output) {
      let study = try CompletedStudy(
        subject, options, folder: pruning.output, keep: pruning.keeping.keep)
      study.warn()
      let written = try places.stage(study, form) + (crate ? [stageCrate(of: study)] : [])
      try study.commit()
      CompletedStudy.announce(pruning.output, keep: pruning.keeping.keep)
      for path in written { Console.wrote(path) }
    }
  }
}

extension RunCommand {
  private func checkOutputs() throws {
    var check = OutputCheck(forcing)
    check.reads(work.config, "--config")
    check.reads(model)
    check.reads(recipe)
    check.reads(document)
    check.writes(run: pruning.output, drops: pruning.choice.drops)
    for path in places.figures { check.writes(path, "--figure") }
    check.writes(places.report, "--report")
    if crate { check.writes("\(pruning.output)/\(Crate.fileName)", "--crate") }
    try check.check()
  }

  /// Adds the metadata, dated today, to a study's outputs.
  /// - Returns: its path.
  private func stageCrate(of study: CompletedStudy) throws -> String {
    let record = study.record
    let networks = (record.training == nil ? [] : ["badnet.h5"]) + record.models
    let path = "\(pruning.output)/\(Crate.fileName)"
    let today = String(Date().formatted(.iso8601).prefix(10))
    try study.outputs.add(
      Crate(record, parts: ["run.json", "curve.csv"] + networks, date: today).text(), at: path)
    return path
  }
}

/// Where a run's figures and report go.
struct DocumentPlaces: ParsableArguments {
  @Option(
    help: ArgumentHelp("Where the figure goes (.png, .pdf or .svg); a PNG gets a PDF beside it.", valueName: "file"))
  var figure = "figures/output.png"

  @Option(help: ArgumentHelp("Where the report goes (.md, or .html with the figures inside).", valueName: "file"))
  var report = "report/report.md"

  /// Where figures may go.
  var figures: [String] {
    FigureFiles.withPDF(figure) + ["samples", "training"].map { FigureFiles.companion($0, of: figure) }
  }

  /// Finds out before any work is done whether they can be written.
  func requireWritable() throws {
    try FigureFiles.require(figures)
    _ = try ReportFile(report)
    try OutputFile.requireWritable(report)
  }

  /// Adds figures and report to a study's outputs.
  /// - Returns: their paths.
  func stage(_ study: CompletedStudy, _ form: ReportForm) throws -> [String] {
    let record = study.record
    var figures = [
      try FigureFiles(
        PruningFigure(record, reference: form.reference).picture(), paths: FigureFiles.withPDF(figure))
    ]
    var companions = RunReport.Companions()
    var samplesPicture: Picture?
    if let clean = study.faces[record.reported.clean] {
      let path = FigureFiles.companion("samples", of: figure)
      let samples = try SamplesFigure(clean: clean, triggered: record.reported.backdoored.flatMap { study.faces[$0] })
      samplesPicture = samples.picture()
      figures.append(try FigureFiles(samples.picture(), paths: [path]))
      companions.samples = path
    }
    if let training = record.training {
      let path = FigureFiles.companion("training", of: figure)
      figures.append(try FigureFiles(TrainingFigure(training).picture(), paths: [path]))
      companions.training = path
    }
    for files in figures { try files.stage(in: study.outputs) }
    let text = try form.text(record, report: report, figure: figure, companions: companions) {
      try samplesPicture.map { try FigureFile.bytes($0, for: "samples.png") }
    }
    try study.outputs.add(text, at: report)
    return figures.flatMap(\.paths) + [report]
  }
}
