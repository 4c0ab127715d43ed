import Datasets
import Experiment
import Files
import HDF5
import ModelFiles
import NeuralNetwork

/// What is in a file or a run's folder, for people and as JSON.
public enum FileContents: Encodable {
  /// A network: its layers; where its file leaves sizes open, for images of (H, W, C) as an example.
  case network(path: String, layers: [LayerSummary], exampleShape: [Int]? = nil)
  /// Labelled faces.
  case faces(path: String, FaceSummary)
  /// A run's record.
  case run(path: String, RunRecord)

  /// A dataset's numbers.
  public struct FaceSummary: Codable, Equatable, Sendable {
    /// N.
    public let rows: Int
    /// (H, W, C)
    public let imageShape: [Int]
    /// The smallest and the largest label, and how many different ones there are.
    public let smallestLabel: Int, largestLabel: Int, identities: Int
  }

  /// Looks into a model, a dataset or a run, told apart by what is there.
  /// - Throws: `InputError` or `HDF5Error` where there is no such file, or it is none of the three.
  public init(_ path: String) throws {
    if Self.isRun(path) {
      self = .run(path: path, try RunRecord.read(path))
      return
    }
    if try !ModelFile.isCertain(path), try Self.isImages(path) {
      let faces = try FaceDataset(file: path)
      self = .faces(
        path: path,
        FaceSummary(
          rows: faces.count, imageShape: faces.imageShape.dimensions, smallestLabel: faces.labels.min() ?? 0,
          largestLabel: faces.labels.max() ?? 0, identities: Set(faces.labels).count))
    } else {
      let (network, exampleShape) = try Self.network(path)
      self = .network(path: path, layers: LayerSummary.layers(of: network), exampleShape: exampleShape)
    }
  }

  /// A network; of one whose file leaves sizes open, that for the smallest images that all its layers have room for.
  private static func network(_ path: String) throws -> (Network, exampleShape: [Int]?) {
    do {
      return (try ModelFile.read(path), nil)
    } catch let error as InputError where ModelFile.leavesSizesOpen(error) {
      for side in [32, 64, 96, 128, 224, 299] {
        for colours in [3, 1] {
          let shape = [side, side, colours]
          if let contents = try? ModelFile.contents(path, imageShape: shape) {
            return (contents.network, contents.network.inputShape.dimensions)
          }
        }
      }
      throw error
    }
  }

  /// Whether a path is taken for a run, and not for a file or a folder of images.
  package static func isRun(_ path: String) -> Bool {
    path.hasSuffix(".json") || OutputFile.isFolder(path) && OutputFile.isFile("\(path)/run.json")
  }

  /// Whether a path is taken for labelled images, and not for a network.
  private static func isImages(_ path: String) throws -> Bool {
    guard try ImageSource(path).isHDF5 else { return true }
    let names = try HDF5File(reading: path).root.childNames()
    return ["data", "x", "X", "images", "image"].contains(where: names.contains)
  }

  /// Several lines, without a final line break; control characters of names are escaped.
  public var text: String {
    switch self {
    case .network(let path, let layers, let shape): describe(layers, shape, VisibleText.line(path))
    case .faces(let path, let faces):
      """
      \(VisibleText.line(path)): faces
        \(faces.rows) images of \(faces.imageShape.map(String.init).joined(separator: " x ")) (height x width x colours)
        \(Format.count(faces.identities, "label")), \(faces.smallestLabel)...\(faces.largestLabel)
      """
    case .run(let path, let record): describe(record, VisibleText.line(path))
    }
  }

  private func describe(_ layers: [LayerSummary], _ exampleShape: [Int]?, _ path: String) -> String {
    let table = MarkdownTable(
      header: ["Layer", "Class", "Output", "Parameters", "Silenced channels", "Can be pruned"],
      rows: layers.map { layer in
        [
          layer.name, layer.className, layer.outputShape.map(String.init).joined(separator: " x "),
          "\(layer.parameters)", layer.silencedChannels.isEmpty ? "" : "\(layer.silencedChannels.count)",
          layer.isDefault ? "yes, the default" : layer.isPrunable ? "yes" : "",
        ]
      }, textColumns: [0, 1, 5])
    let parameters = layers.reduce(0) { $0 + $1.parameters }
    let sizes =
      exampleShape.map { "; it leaves the images' size open: outputs are those for \($0[0]) x \($0[1]) pixels" } ?? ""
    return
      "\(path): a network of \(layers.count) layers and \(Format.grouped(parameters)) parameters\(sizes)\n\n\(table.text)"
  }

  private func describe(_ record: RunRecord, _ path: String) -> String {
    var lines = [
      "\(path): a run on \(VisibleText.line(record.model.path))",
      """
        \(record.channels) channels of \(VisibleText.line(record.layer)) pruned \(order(of: record)), \
      seed \(record.seed)
      """,
    ]
    for split in Split.allCases {
      guard let rate = record.baseline[split] else { continue }
      lines.append(
        "  \(split.title): \(Format.percent(rate)) before pruning (\(Format.counts(rate)))"
      )
    }
    for (name, repaired) in record.stops {
      let stop = repaired.channelsPruned.map { "k = \($0)" } ?? "never reached"
      let rates = Split.allCases.compactMap { split in
        repaired.network[split].map { "\(split.title) \(Format.percent($0))" }
      }
      lines.append("  \(name): \(([stop] + rates).joined(separator: ", "))")
    }
    lines += (record.warnings ?? []).map { "  warning: \(VisibleText.line($0))" }
    return lines.joined(separator: "\n")
  }

  private func order(of record: RunRecord) -> String {
    record.isPlainPruning ? "in \(record.order.rawValue) order" : "by the defence \(record.defenceName)"
  }

  private enum CodingKeys: String, CodingKey { case path, kind, layers, exampleShape, faces, run }

  /// An object with `path`, `kind` (`model`, `faces` or `run`) and, under `layers`, `faces` or `run`, the contents.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .network(let path, let layers, let exampleShape):
      try container.encode(path, forKey: .path)
      try container.encodeIfPresent(exampleShape, forKey: .exampleShape)
      try container.encode("model", forKey: .kind)
      try container.encode(layers, forKey: .layers)
    case .faces(let path, let faces):
      try container.encode(path, forKey: .path)
      try container.encode("faces", forKey: .kind)
      try container.encode(faces, forKey: .faces)
    case .run(let path, let record):
      try container.encode(path, forKey: .path)
      try container.encode("run", forKey: .kind)
      try container.encode(record, forKey: .run)
    }
  }
}
