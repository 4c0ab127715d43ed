import Report

/// The benchmark's results as Markdown: what was gained first, then every number behind it.
struct BenchmarkReport {
  let results: Results
  /// The figure, as the report links to it.
  let figure: String

  var text: String {
    let parts = [
      "# How fast Espalier is", summary, "![Ratios of speed](\(Markdown.link(figure)))",
      "*The dot is the median, the bar the range over all pairs of runs; the short line is what we aim for.*",
      machine, "## The numbers behind them",
      "Medians of \(Format.count(results.repeats, "run")), with their range.",
      results.speed.map(section).joined(separator: "\n\n"), pruning, scaling, same, vectors,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var summary: String {
    let rows = results.comparisons.map { comparison in
      [
        comparison.title, comparison.other.name, Self.ratio(comparison.ratio) + " x",
        "\(Self.ratio(comparison.lowest)) … \(Self.ratio(comparison.highest))",
        comparison.aim.map { "≥ \(Self.ratio($0)) x" } ?? "", comparison.isMet.map { $0 ? "yes" : "no" } ?? "",
      ]
    }
    let aims = results.comparisons.compactMap(\.isMet)
    let missing = results.missing.joined(separator: "\n\n")
    guard !rows.isEmpty else { return missing }
    let table = MarkdownTable(
      header: ["what", "beside", "speed-up of Espalier", "range", "aim", "met in this run"], rows: rows,
      textColumns: [0, 1])
    return [
      "Espalier beside what people use, on the same network, the same images and \(threads) each:", table.text,
      "\(aims.count { $0 }) of \(aims.count) aims were met in this run.", missing,
    ].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var threads: String { Format.count(results.threads, "thread") }

  private var machine: String {
    let (machine, workload) = (results.machine, results.workload)
    let network = workload.badNet.network
    let others = results.peers.isEmpty ? "" : " Beside it: \(Format.list(results.peers))."
    return """
      ## What was measured, and how

      Machine: \(machine.processor), \(Format.count(machine.cores, "core")); Espalier \(machine.espalier) used its \
      \(machine.instructionSet) kernels.\(others)\(load)

      Network: `\(Self.name(of: workload.model))`, \(Format.grouped(network.parameterCount)) parameters, \
      \(Format.grouped(network.classes)) identities; \(workload.layer) with \(workload.order.count) channels is pruned. \
      Images: \(Format.grouped(workload.images.count)), which are \(Format.grouped(workload.distinct)) different faces \
      repeated in turn.

      Each framework is a process of its own that keeps its network and images in memory. One after the other does \
      the same work, ours first, then each of the others, then ours again: \(rounds). A ratio is taken between runs of the same round; the table has the median \
      of these ratios and their range. Times are wall time, \(threads) for each. Written by `make bench`; no number here is typed.
      """
  }

  private var rounds: String {
    results.repeats == 1
      ? "once, which shows that the benchmark works and nothing more"
      : "\(results.repeats) times each, behind one that is not counted"
  }

  /// How quiet the machine was; whoever waits for all of its threads suffers most where it was not.
  private var load: String {
    guard let load = results.machine.load else { return "" }
    let average = " The load average when it began was \(Format.fixed(load, 2))"
    return average + (load < 0.5 ? "." : ": something else was running, so that these numbers are provisional.")
  }

  private func section(_ speed: SpeedCase) -> String {
    let rows = speed.timings.map { [$0.name, $0.text] }
    return "### \(speed.title)\n\n\(speed.method)\n\n"
      + MarkdownTable(header: ["", "median (range)"], rows: rows, textColumns: [0]).text
  }

  private var pruning: String {
    guard let pruning = results.pruning else { return "" }
    let sizes = pruning.sizes
    let note = pruning.note.map { " \($0)" } ?? ""
    return """
      ## A whole study on full-size files

      `espalier prune` on \(Format.grouped(sizes.validation)) validation rows as float64 and \
      \(Format.grouped(sizes.test)) test rows as float32, clean and with the trigger: four files of \
      \(gigabytes(pruning.bytes)), just written and so still in the system's cache.\(note)

      \(MarkdownTable(
        header: ["wall time, whole process", "peak memory"],
        rows: [[pruning.timings.text, gigabytes(pruning.peakMemory)]], textColumns: []).text)
      """
  }

  private var scaling: String {
    let tables = [
      ("Images", results.byImages, "The network of the other cases."),
      ("Channels of \(results.workload.layer)", results.byChannels, "Random weights, so that every channel fires."),
      ("Threads", results.byThreads, "The network of the other cases."),
    ]
    let sections = tables.filter { !$0.1.isEmpty }.map { title, rows, note in
      let cells = rows.map { row in
        let both = row.prefix.median + row.sweep.median
        return [
          row.setting, Format.grouped(row.images), row.prefix.text, row.sweep.text,
          Format.fixed(both / Double(row.images) * 1e6, 1),
          Format.fixed(row.sweep.median / Double(row.images * row.channels) * 1e6, 2),
        ]
      }
      return "### \(title)\n\n\(note)\n\n"
        + MarkdownTable(
          header: ["", "images", "up to the layer", "sweep", "both, µs an image", "sweep, µs an image and channel"],
          rows: cells
        ).text
    }
    return sections.isEmpty ? "" : (["## How cost grows"] + sections).joined(separator: "\n\n")
  }

  private static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Three significant digits at least: `0.871`, `1.74`, `24.1`, `312`.
  static func ratio(_ value: Double) -> String {
    Format.fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2)
  }
}
