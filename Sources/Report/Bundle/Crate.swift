import Datasets
import Experiment
import Files
import Foundation

/// RO-Crate metadata of a run: what was run, on what, and what came out.
///
/// Source: RO-Crate 1.1, and the Process Run Crate profile 0.5. Inputs are not in the crate; they are told by their digests.
public struct Crate {
  /// The name that the specification asks for.
  public static let fileName = "ro-crate-metadata.json"

  private let record: RunRecord
  private let parts: [String]
  private let date: String

  /// - Parameters:
  ///   - parts: paths of the files that lie beside the metadata.
  ///   - date: of publication, as `2025-12-31`.
  public init(_ record: RunRecord, parts: [String], date: String) {
    self.record = record
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
      "@graph": [descriptor, root, profile, licence, software, action] + inputs.map(\.entity) + files,
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
      "name": "The pruning defence on \(VisibleText.line(record.model.path))",
      "description": Conclusion(record).verdict.replacing("**", with: ""), "license": Self.to(Self.licenceAddress),
      "hasPart": parts.map(Self.to), "mentions": Self.to("#run"),
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
      "@id": "#run", "@type": "CreateAction", "name": "Pruning of \(VisibleText.line(record.layer))",
      "description": ReproductionCommand(record).text, "instrument": Self.to("#espalier"),
      "object": inputs.map { Self.to($0.id) },
      "result": parts.filter { ["run.json", "curve.csv"].contains($0) }.map(Self.to),
    ]
  }

  private var inputs: [(id: String, entity: [String: Any])] {
    let model = ("#model", VisibleText.line(record.model.path), record.model.sha256)
    let data = Split.allCases.compactMap { split in
      record.data[split].map { ("#\(split.rawValue)", VisibleText.line($0.path), $0.sha256) }
    }
    return ([model] + data).map { id, name, digest in
      (id, ["@id": id, "@type": "CreativeWork", "name": name, "sha256": digest])
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
