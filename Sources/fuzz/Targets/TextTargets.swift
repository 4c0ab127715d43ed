import Experiment
import Files
import Foundation
import NeuralNetwork
import Report

/// `--config`.
struct YAMLTarget: Target {
  let name = "yaml"
  let fileExtension = "yaml"
  let tokens = [
    "&a ", "*a", "*a, *a, *a, *a", "? ", "- ", "[", "{", "]", "}", ": ", "!!binary ", "!!set ", "<<: *a", "|\n", ">-\n",
    "%YAML 1.1\n---\n", "---\n", "...\n", "\t", "'", "\"", "\\x00", "#", "\u{FEFF}", "\u{2028}", "~", "0x1F", "1:30",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n? *c\n: d\n", "- - - ", "? ? ? ",
  ]

  func seeds() throws -> [[UInt8]] { try Repository.corpus("yaml") }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    guard random.integer(below: 16) == 0 else { return mutator.mutated(using: &random) }
    // Lists of aliases of lists of aliases, as a value or as a key.
    let width = 1 + random.integer(below: 4)
    var lines = ["a0: &a0 [\(random.element(of: ["x", "x, x", "[[x]]"]))]"]
    for level in 1...1 + random.integer(below: 40) {
      let aliases = Array(repeating: "*a\(random.integer(below: level))", count: width)
      lines.append("a\(level): &a\(level) [\(aliases.joined(separator: ", "))]")
    }
    lines.append(random.element(of: ["b: *a\(lines.count - 1)", "? *a\(lines.count - 1)\n: b", "{*a0 : 1, *a0 : 2}"]))
    return Array(lines.joined(separator: "\n").utf8)
  }

  func read(_ path: String, thorough: Bool) throws { _ = try ConfigurationFile(namedIn: ["--config", path]) }
}

/// A published curve, read and drawn beside a run.
struct CSVTarget: Target {
  let name = "csv"
  let fileExtension = "csv"
  let tokens = [
    ",", "\n", "\r\n", "\r", "\"", "\"\"", "nan", "inf", "-0", "1e-400", "\u{FEFF}", "channels_pruned",
    "channels_total",
    "clean_accuracy_percent", "attack_success_rate_percent", "100.0000001", ";", " ", "٣", "1,1,1,1\n", "0x1p3",
  ]

  func seeds() throws -> [[UInt8]] {
    try Repository.corpus("csv") + [Repository.bytes("Tests/ReportTests/Fixtures/published_table.csv")]
  }

  func read(_ path: String, thorough: Bool) throws {
    guard let text = String(validating: try FileBytes.read(path, limit: 1 << 24), as: UTF8.self) else { return }
    let curve = try ReferenceCurve(csv: text, path: path)
    try RecordTarget.use(try Self.record.get(), reference: curve, thorough: thorough)
  }

  static let record = Result {
    try RunRecord.read("\(Repository.folder)/Tests/Corpus/record-given.json")
  }
}

/// `--template`.
struct TemplateTarget: Target {
  let name = "template"
  let fileExtension = "mustache"
  let tokens = [
    "{{", "}}", "{{{", "}}}", "{{#", "{{/", "{{^", "{{>", "{{!", "{{=<% %>=}}", "{{.}}", "{{#model}}", "{{/model}}",
    "{{a.b.c}}", "{{% CONTENT_TYPE:TEXT}}", "{{$a}}", "{{<a}}", "{{#hasReference}}", "\r\n", "\n",
  ]

  func seeds() throws -> [[UInt8]] {
    try ["report", "comparison"].map { try Repository.bytes("templates/\($0).md.mustache") }
      + Repository.corpus("template")
  }

  func read(_ path: String, thorough: Bool) throws {
    guard let text = String(validating: try FileBytes.read(path, limit: 1 << 24), as: UTF8.self) else { return }
    _ = try RunReport(try CSVTarget.record.get(), figurePath: "figure.png").markdown(template: text, name: path)
  }
}
