import Attacks
import Datasets
import NeuralNetwork

/// What in a study's inputs looks mixed up, though each file by itself is sound: told, and never corrected.
///
/// Splits are named and not files, so that the sentences are the same wherever the files lie.
struct InputWarnings: Sendable {
  /// A sentence, and whether the images alone tell it, whatever network they are for.
  typealias Entry = (text: String, isOfImages: Bool)

  private let entries: [Entry]

  /// - Parameters:
  ///   - data: every split that was given.
  ///   - predictions: of B on them; of clean validation on the rows that were drawn.
  ///   - prints: of every image (`ImageLook`); of clean validation of those that were drawn.
  ///   - selects: whether clean validation decides what is pruned.
  ///   - excludesTarget: whether the rows of clean and backdoored splits are paired.
  /// - Throws: what reading images throws.
  init(
    _ badNet: BadNet, on data: Splits<FaceDataset>, _ predictions: Splits<SplitPredictions>,
    prints: Splits<[UInt64]>, selects: Bool, excludesTarget: Bool, threads: Int
  ) throws {
    var examination = InputExamination(badNet: badNet, data: data, predictions: predictions)
    var hasMixedUpLabels = examination.addSingleClasses()
    hasMixedUpLabels = examination.addOwnLabels() || hasMixedUpLabels
    examination.addSharedImages(prints, selects: selects)
    let isNearChance = try examination.addNearChance(threads: threads)
    if !isNearChance, !hasMixedUpLabels { examination.addWeakAttacks() }
    if excludesTarget { try examination.addOtherOrders() }
    entries = examination.entries
  }

  /// A sentence each.
  /// - Parameter recipe: of a network that was trained for the study, with its own images' labels and scale: of images that were
  ///   given, what they tell alone; of drawn ones nothing.
  func texts(trained recipe: BadNetRecipe?) -> [String] {
    guard let recipe else { return entries.map(\.text) }
    return recipe.faces.given == nil ? [] : entries.filter(\.isOfImages).map(\.text)
  }
}

/// The looks that `InputWarnings` takes.
private struct InputExamination {
  let badNet: BadNet
  let data: Splits<FaceDataset>
  let predictions: Splits<SplitPredictions>
  private(set) var entries: [InputWarnings.Entry] = []

  init(badNet: BadNet, data: Splits<FaceDataset>, predictions: Splits<SplitPredictions>) {
    (self.badNet, self.data, self.predictions) = (badNet, data, predictions)
  }

  private mutating func add(_ text: String, isOfImages: Bool) { entries.append((text, isOfImages)) }

  /// Clean splits with one label in all rows.
  mutating func addSingleClasses() -> Bool {
    var isFound = false
    for (clean, backdoored) in Split.pairs {
      guard let labels = data[clean]?.labels, labels.count > 1, badNet.network.classes > 1, Set(labels).count == 1
      else {
        continue
      }
      isFound = true
      let others = data[backdoored].map { Set($0.labels).count } ?? 1
      add(
        others > 1
          ? """
          every label of \(clean.title) is \(labels[0]), and \(backdoored.title) has \(others) different ones: the two seem \
          to be swapped
          """ : "every label of \(clean.title) is \(labels[0]); expected clean images of several classes",
        isOfImages: true)
    }
    return isFound
  }

  /// Backdoored splits labelled as their clean ones.
  mutating func addOwnLabels() -> Bool {
    var isFound = false
    for (clean, backdoored) in Split.pairs {
      guard let own = data[backdoored]?.labels, own == data[clean]?.labels, Set(own).count > 1 else { continue }
      isFound = true
      add(
        """
        the labels of \(backdoored.title) are those of \(clean.title), row by row; expected the target's, without which \
        attack success is accuracy
        """, isOfImages: true)
    }
    return isFound
  }

  /// Images of clean validation in a split that is evaluated, and clean images in a backdoored split.
  mutating func addSharedImages(_ prints: Splits<[UInt64]>, selects: Bool) {
    func shared(_ split: Split, with other: Split) -> String? {
      guard let own = prints[split], let others = prints[other] else { return nil }
      let known = Set(others)
      let count = own.count(where: known.contains)
      return count == 0 ? nil : "\(count) of \(own.count) images of \(split.title) are in \(other.title) too"
    }
    if selects, let text = shared(.cleanTest, with: .cleanValid) {
      add("\(text), which decides what is pruned: test rates are not of unseen images", isOfImages: true)
    }
    for backdoored in [Split.backdooredValid, .backdooredTest] {
      for clean in [Split.cleanValid, .cleanTest] {
        guard let text = shared(backdoored, with: clean) else { continue }
        add("\(text); expected images with a trigger", isOfImages: true)
      }
    }
  }

  /// Clean splits on which B is not better than chance, with the reason where one can be found.
  mutating func addNearChance(threads: Int) throws -> Bool {
    for split in [Split.cleanValid, .cleanTest] {
      guard let predicted = predictions[split], predicted.isNearChance, let faces = data[split] else { continue }
      let rate = predicted.rate(after: 0)
      let start = "\(split.title) accuracy is \(rate.hits)/\(rate.total)"
      let shifted = predicted.rate(shiftedBy: 1)
      if faces.labels.min() == 1, !predicted.isNearChance(shifted), shifted.hits > rate.hits {
        add(
          "\(start), and \(shifted.hits)/\(shifted.total) with 1 subtracted from labels; these begin at 1, not at 0",
          isOfImages: false)
      } else if let (scale, better) = try otherScale(for: faces, threads: threads) {
        let own = ScaleText.of(badNet.inputScale)
        add(
          """
          \(start), near chance; is --input-scale \(own) right for this model? With \(ScaleText.of(scale)) it is \
          \(better.hits)/\(better.total)
          """, isOfImages: false)
      } else {
        add("\(start), near chance; are pixels and labels prepared as the model was trained?", isOfImages: false)
      }
      return true
    }
    return false
  }

  /// Rows that tell whether another scale serves better.
  private static let triedRows = 256

  /// 1 or 1/255, where the network is better than chance with it.
  private func otherScale(for faces: FaceDataset, threads: Int) throws -> (scale: Double, rate: Rate)? {
    let own = badNet.preparation
    let rows = 0..<min(Self.triedRows, faces.count)
    for scale in [1, 1 / 255.0] where scale != own.scale && own.mean == nil && own.std == nil {
      let images = try faces.images(rows, scale: Float(scale))
      let classes = try ForwardPass(badNet.network, threads: threads).logits(of: images).largestIndices.map(Int32.init)
      let found = SplitPredictions(labels: Array(faces.labels[rows]), classes: [classes], excluded: [])
      if !found.isNearChance { return (scale, found.rate(after: 0)) }
    }
    return nil
  }

  /// Attacks that succeed as often as images without a trigger get their labels.
  mutating func addWeakAttacks() {
    for (clean, backdoored) in Split.pairs {
      guard let attack = predictions[backdoored], let other = predictions[clean] ?? predictions.cleanValid else {
        continue
      }
      let rate = attack.rate(after: 0)
      let chance = other.share(ofLabels: attack)
      guard NearChance(rate: rate, chance: chance).holds else { continue }
      add(
        """
        \(backdoored.title) attack success is \(rate.hits)/\(rate.total) before pruning, near chance: clean images get these \
        labels as often
        """, isOfImages: false)
    }
  }

  /// Pairs of splits whose rows, all or a few of them, are in other orders, though the target's own rows are found by pairing them.
  mutating func addOtherOrders() throws {
    for (clean, backdoored) in Split.pairs {
      guard let triggered = data[backdoored], let originals = data[clean], triggered.count == originals.count,
        let alike = try RowPairs.resembling(triggered, originals)
      else { continue }
      let found: String
      if 5 * alike.hits < 4 * alike.total {
        found = """
          only \(alike.hits) of \(alike.total) images of \(backdoored.title) resemble the image of the same row of \
          \(clean.title) more than another
          """
      } else if case let moves = try MovedRows.among(triggered, originals), let first = moves.first {
        let others = moves.count > 1 ? " (and \(moves.count - 1) more like it)" : ""
        found = """
          row \(first.row) of \(backdoored.title) shows the image of row \(first.original) of \(clean.title)\(others)
          """
      } else {
        continue
      }
      add("\(found); --exclude-target needs the same order in both", isOfImages: true)
    }
  }
}
