import Defences
import Experiment

/// What a report of one run says of a defence other than plain pruning.
struct DefenceText {
  let record: RunRecord

  private var defence: Defence? { Defence.studied.first { $0.name == record.defenceName } }

  /// `**clp** (u=3)`: its name with its settings.
  var name: String {
    let settings = record.defenceOptions.map { DefenceValues(values: $0).text } ?? ""
    return "**\(record.defenceName)**" + (settings.isEmpty ? "" : " (\(settings))")
  }

  /// As a sentence's subject.
  var subject: String { record.isPlainPruning ? "The pruning defence" : "The defence \(record.defenceName)" }

  /// What it does.
  var summary: String { defence?.summary ?? "is not known to this version" }

  /// How channels were ranked.
  var ranking: String {
    let images = record.cleanImages?.ranking ?? 0
    let looked =
      images == 0
      ? "without looking at an image" : "on \(Format.grouped(images)) clean validation \(record.words.faces)"
    return
      "The defence \(record.defenceName) \(summary); it ranked the \(record.channels) channels of \(layers) \(looked)."
  }

  /// What was ranked.
  var layers: String {
    guard let layers = record.layers else { return "layer \(Markdown.code(record.layer))" }
    return "layers " + Format.list(layers.map { "\(Markdown.code($0.name)) (\($0.channels))" }) + " together"
  }

  /// In which order.
  var order: String { "in the order of that ranking" }

  /// What stops it beside X, and what is tuned; empty where nothing does, with the space before it.
  var stopping: String {
    var text = ""
    if record.own != nil { text += " The defence's own threshold stops once more (own stop)." }
    if record.layers != nil {
      text += """
         The curve was computed after every few channels; between two points of which one has lost X points, every number of \
        channels was looked at.
        """
    }
    if let counts = record.cleanImages, let tuning = counts.tuning, let held = counts.tuningStop {
      text += """
         Each B' was then tuned on \(Format.grouped(tuning)) of the clean validation \(record.words.faces); the other \
        \(Format.grouped(held)), drawn by the seed, said which epoch is kept. Clean validation accuracy of B' is thus partly \
        that of \(record.words.faces) it was tuned on. The curve is that of silencing alone.
        """
    }
    return text
  }

  /// Where it was published, and how this differs.
  var source: String {
    let paper = defence?.paper.map { "The defence is that of \($0)" } ?? "The defence is a baseline of no paper"
    return paper + (defence?.deviation.map { ". It \($0)" } ?? "") + "."
  }
}

extension RunRecord {
  /// Every B', by what stopped it: `X = 2`, and `own stop` for the defence's own threshold.
  var stops: [(name: String, network: RepairedNetwork)] {
    repaired.map { ("X = \($0.drop)", $0) } + (own.map { [("own stop", $0.asRepaired)] } ?? [])
  }
}
