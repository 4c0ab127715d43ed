import Datasets
import Experiment
import Files
import Foundation

/// RO-Crate metadata of a run or of a comparison: what was run, on what, and what came out.
///
/// Source: RO-Crate 1.1, and the Process Run Crate profile 0.5. Inputs are not in the crate; they are told by their digests.
public struct Crate {
  /// The name that the specification asks for.
  public static let fileName = "ro-crate-metadata.json"

  /// What was done, in the metadata's words.
  struct Action {
    /// Of the whole, and of the action itself.
    var title: String, name: String
    /// What came out, in a sentence.
    var verdict: String
    /// The command.
    var command: String
    /// Files that are told by their digests, and lie beside the metadata only where they are parts too.
    var inputs: [(id: String, name: String, sha256: String)]
    /// Which of the parts came out.
    var results: [String]
  }

  private let done: Action
  private let parts: [String]
  private let date: String

  /// - Parameters:
  ///   - parts: paths of the files that lie beside the metadata.
  ///   - date: of publication, as `2025-12-31`.
  public init(_ record: RunRecord, parts: [String], date: String) {
    self.init(Action(of: record), parts: parts, date: date)
  }

  init(_ done: Action, parts: [String], date: String) {
    self.done = done
    self.parts = parts
    self.date = date
  }

  /// The file's text: JSON-LD, keys in alphabetical order.
  /// - Throws: what `JSONSerialization` throws.
  public func text() throws -> String {
    let document: [String: Any] = [
      "@context": [
        "https://w3id.org/ro/crate/1.1/context", ["sha256": "https://w3id.org/ro/terms/workflow-run#sha256"],
      ],
      "@graph": [descriptor, root, profile, licence, software, action] + inputs + files,
    ]
    let data = try JSONSerialization.data(
      withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private static let profileAddress = "https://w3id.org/ro/wfrun/process/0.5"
  private static let licenceAddress = "https://www.apache.org/licenses/LICENSE-2.0"

  private static func to(_ id: String) -> [String: Any] { ["@id": id] }

  private var descriptor: [String: Any] {
    [
      "@id": Self.fileName, "@type": "CreativeWork", "about": Self.to("./"),
      "conformsTo": Self.to("https://w3id.org/ro/crate/1.1"),
    ]
  }

  private var root: [String: Any] {
    [
      "@id": "./", "@type": "Dataset", "conformsTo": Self.to(Self.profileAddress), "datePublished": date,
      "name": done.title, "description": done.verdict.replacing("**", with: ""),
      "license": Self.to(Self.licenceAddress), "hasPart": parts.map(Self.to), "mentions": Self.to("#run"),
    ]
  }

  private var profile: [String: Any] {
    ["@id": Self.profileAddress, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"]
  }

  private var licence: [String: Any] {
    ["@id": Self.licenceAddress, "@type": "CreativeWork", "name": "Apache License 2.0"]
  }

  private var software: [String: Any] {
    [
      "@id": "#espalier", "@type": "SoftwareApplication", "name": "Espalier",
      "softwareVersion": RunEnvironment.version,
    ]
  }

  private var action: [String: Any] {
    [
      "@id": "#run", "@type": "CreateAction", "name": done.name, "description": done.command,
      "instrument": Self.to("#espalier"), "object": done.inputs.map { Self.to($0.id) },
      "result": parts.filter { done.results.contains($0) }.map(Self.to),
    ]
  }

  /// Inputs that are no parts.
  private var inputs: [[String: Any]] {
    done.inputs.filter { !parts.contains($0.id) }.map {
      ["@id": $0.id, "@type": "CreativeWork", "name": $0.name, "sha256": $0.sha256]
    }
  }

  private var files: [[String: Any]] {
    parts.map { path in
      let kind = path.split(separator: ".").last.map(String.init) ?? ""
      return [
        "@id": path, "@type": "File", "name": path, "encodingFormat": Self.formats[kind] ?? "application/octet-stream",
      ]
    }
  }

  private static let formats = [
    "json": "application/json", "csv": "text/csv", "tex": "application/x-tex", "pdf": "application/pdf",
    "svg": "image/svg+xml", "png": "image/png", "html": "text/html", "md": "text/markdown", "txt": "text/plain",
    "cff": "application/yaml", "sh": "application/x-sh", "h5": "application/x-hdf5",
  ]
}

extension Crate.Action {
  /// One run.
  init(of record: RunRecord) {
    let model = ("#model", VisibleText.line(record.model.path), record.model.sha256)
    let data = Split.allCases.compactMap { split in
      record.data[split].map { ("#\(split.rawValue)", VisibleText.line($0.path), $0.sha256) }
    }
    self.init(
      title: "The pruning defence on \(VisibleText.line(record.model.path))",
      name: "Pruning of \(VisibleText.line(record.layer))", verdict: Conclusion(record).verdict,
      command: ReproductionCommand(record).text, inputs: [model] + data, results: ["run.json", "curve.csv"])
  }
}
