import Datasets
import Files
import Foundation
import NeuralNetwork

/// Where a training's state is kept, so that a process that is killed costs one epoch and not all of them.
///
/// The file is a line that names the form, a line with the SHA-256 of what follows, a line of JSON (`Header`), and then
/// numbers of 32 bits, the lowest byte first: the trained weights, those of the best epoch where that was another one, and
/// the optimiser's memory. It is written whole or not at all, and nothing in it is believed before it is checked.
public struct CheckpointFile {
  /// What becomes of a file that was there.
  public enum Notice: Equatable, Sendable {
    /// The training goes on after this epoch.
    case takenUp(epoch: Int, of: Int)
    /// The file is of no use, and why; the training begins at its beginning.
    case ignored(InputError)
  }

  /// Where it is.
  public let path: String
  private let version: String
  private let tell: (Notice) -> Void

  /// - Parameters:
  ///   - version: of the program; a file of another version is ignored.
  ///   - tell: called once, where there is a file.
  public init(_ path: String, version: String, tell: @escaping (Notice) -> Void = { _ in }) {
    self.path = path
    self.version = version
    self.tell = tell
  }

  /// The file of another part of the same training.
  func beside(_ part: String) -> CheckpointFile { CheckpointFile("\(path).\(part)", version: version, tell: tell) }

  /// Removes the file, that of a training's first part, and what killed processes left of them.
  public func remove() {
    unlink(path)
    unlink("\(path).clean")
    let name = path.split(separator: "/").last.map(String.init)
    StagedOutputs.removeAbandoned(in: OutputFile.folder(of: path)) { $0 == name }
  }

  private static let title = "espalier checkpoint 1\n"
  private static let digestLength = 64

  private struct Header: Codable {
    var key: String
    var steps: Int
    var bestEpoch: Int
    var history: [EpochRecord]
  }

  /// A digest of everything that a training begins with, and of what computes it.
  /// - Parameter beginning: a network that goes on training, and its silenced channels; nil for a new one.
  package func key(
    faces: [FaceDataset], _ options: TrainingOptions, seed: UInt64, beginning: (Network, [Int])? = nil
  ) throws -> String {
    var parts = [version, "\(seed)", try JSONText.of(options)]
    if let (network, silenced) = beginning {
      var bytes: [UInt8] = []
      append(network.trained.map(\.weights), to: &bytes)
      parts.append("\(try FileDigest.sha256(of: bytes)) \(silenced)")
    }
    for faces in faces {
      parts.append(try FileDigest.sha256(of: faces.pixels))
      parts.append(try FileDigest.sha256(of: Array("\(faces.labels)".utf8)))
    }
    return try FileDigest.sha256(of: Array(parts.joined(separator: "\n").utf8))
  }

  func write(_ state: TrainingState, key: String) throws {
    let header = Header(
      key: key, steps: state.optimizer.memory.steps, bestEpoch: state.bestEpoch, history: state.history)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var body = Array(try encoder.encode(header)) + [UInt8(ascii: "\n")]
    let memory = state.optimizer.memory
    for network in state.bestEpoch == state.epoch ? [state.network] : [state.network, state.best] {
      append((network.trained + network.statistics).map(\.weights), to: &body)
    }
    append(memory.first.keys.sorted().compactMap { memory.first[$0] }, to: &body)
    append(memory.second.keys.sorted().compactMap { memory.second[$0] }, to: &body)
    let digest = try FileDigest.sha256(of: body)
    try OutputFile.write(Array("\(Self.title)\(digest)\n".utf8) + body, to: path)
  }

  /// The state that the file holds; nil where there is none, or none that can be trusted.
  /// - Parameters:
  ///   - beginning: of the same training.
  ///   - epochs: of the whole training.
  package func read(key: String, beginning: TrainingState, epochs: Int, stepsAnEpoch: Int) -> TrainingState? {
    guard access(path, F_OK) == 0 else { return nil }
    do {
      let state = try decode(key: key, beginning: beginning, epochs: epochs, stepsAnEpoch: stepsAnEpoch)
      tell(.takenUp(epoch: state.epoch, of: epochs))
      return state
    } catch let error as InputError {
      tell(.ignored(error))
    } catch {
      tell(.ignored(InputError(path, found: "\(error)")))
    }
    return nil
  }

  private func decode(
    key: String, beginning: TrainingState, epochs: Int, stepsAnEpoch: Int
  ) throws -> TrainingState {
    func refuse(_ found: String) -> InputError {
      InputError(path, found: found, expected: "a checkpoint of this training")
    }
    let (shapes, statistics) = (beginning.network.trained, beginning.network.statistics)
    func count(_ parts: [(node: Int, weights: WeightGradient)]) -> Int {
      parts.reduce(0) { $0 + $1.weights.kernel.count + $1.weights.bias.count }
    }
    let weightCount = count(shapes)
    let networkCount = weightCount + count(statistics)
    // Weights, the best ones, and two moments; and some hundred bytes an epoch.
    let bytes = try FileBytes.read(path, limit: 4 * 4 * networkCount + 1024 * (epochs + 4))
    let start = Self.title.utf8.count + Self.digestLength + 1
    guard bytes.starts(with: Self.title.utf8), bytes.count > start, bytes[start - 1] == UInt8(ascii: "\n") else {
      throw refuse("another kind of file")
    }
    let body = Array(bytes[start...])
    guard try FileDigest.sha256(of: body).utf8.elementsEqual(bytes[Self.title.utf8.count..<start - 1]) else {
      throw refuse("bytes that are not those of its digest")
    }
    guard let end = body.firstIndex(of: UInt8(ascii: "\n")),
      let header = try? JSONDecoder().decode(Header.self, from: Data(body[..<end]))
    else { throw refuse("no header") }
    guard header.key == key else { throw refuse("one of another recipe, other faces or another version") }

    let epoch = header.history.count
    let isAdam = beginning.optimizer.kind == .adam
    let numbersWanted =
      (header.bestEpoch == epoch ? 1 : 2) * networkCount + (isAdam ? 2 : 1) * weightCount
    guard (1...epochs).contains(epoch), (1...epoch).contains(header.bestEpoch),
      header.history.map(\.epoch) == Array(1...epoch), header.steps == epoch * stepsAnEpoch,
      body.count - end - 1 == 4 * numbersWanted
    else { throw refuse("parts that do not fit together") }

    var place = end + 1
    func numbers(_ count: Int) throws -> [Float] {
      let part = body[place..<place + 4 * count].withUnsafeBytes { bytes in
        (0..<count).map {
          Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
      }
      guard part.allSatisfy({ $0.isFinite }) else { throw refuse("numbers that are not finite") }
      place += 4 * count
      return part
    }
    func weights(_ shapes: [(node: Int, weights: WeightGradient)]) throws -> [Int: WeightGradient] {
      var weights: [Int: WeightGradient] = [:]
      for (node, shape) in shapes {
        weights[node] = WeightGradient(
          kernel: try numbers(shape.kernel.count), bias: try numbers(shape.bias.count))
      }
      return weights
    }
    func network() throws -> Network {
      let trained = try weights(shapes)
      return try beginning.network.replacing(trained: trained, statistics: weights(statistics))
    }
    var state = beginning
    state.history = header.history
    state.network = try network()
    state.bestEpoch = header.bestEpoch
    state.best = header.bestEpoch == epoch ? state.network : try network()
    state.optimizer.memory.steps = header.steps
    state.optimizer.memory.first = try weights(shapes)
    if isAdam { state.optimizer.memory.second = try weights(shapes) }
    return state
  }

  /// Closures and no key paths: those take a hundred times as long, and this is done for every number after every epoch.
  private func append(_ weights: [WeightGradient], to bytes: inout [UInt8]) {
    for part in weights.flatMap({ [$0.kernel, $0.bias] }) {
      part.map { $0.bitPattern.littleEndian }.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
  }
}
