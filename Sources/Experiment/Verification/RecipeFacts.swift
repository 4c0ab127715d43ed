import Attacks
import Datasets

/// What a record says of its training, beside what follows from the recipe without training anything.
///
/// These follow: how many images and triggered copies there are and so how many steps an epoch has; that the history has
/// one entry an epoch, up to the end or to where patience runs out; which epoch is kept; that each share is one of whole
/// images. The losses and rates themselves follow from training alone.
struct RecipeFacts {
  /// The item `recipe`.
  let finding: Finding

  /// - Parameter made: the recipe's faces; nil where they cannot be made, so that images are not counted.
  init(_ recorded: TrainingRecord, of record: RunRecord, made: RecipeFaces?) {
    let options = recorded.recipe.training
    var differences: [String] = []
    func compare<Value: Equatable>(_ place: String, _ own: Value, _ other: Value) {
      if own != other { differences.append("\(place): \(own) recorded, \(other) by the recipe") }
    }
    var text = ""
    if let made {
      let clean = made.collection.training.count
      let copies = made.attack.copies(of: made.collection.training)
      compare("images", recorded.images, clean + copies)
      compare("identities", record.model.identities, made.collection.identities)
      let steps = (clean + copies + options.batchSize - 1) / options.batchSize
      text = "\(clean) images and \(copies) triggered copies, \(steps == 1 ? "1 step" : "\(steps) steps") an epoch, "
    }
    let course = Course(recorded.history, options)
    compare("epochs", recorded.history.count, course.epochs)
    compare("best epoch", recorded.bestEpoch, course.best)
    let hasBackdoor = !recorded.recipe.attack.triggers.isEmpty
    let isAware = recorded.recipe.attack.method == .pruningAware && hasBackdoor
    let cleanEpochs = isAware ? PruningAwareEpochs.clean(of: options.epochs) : 0
    for (index, entry) in recorded.history.enumerated() {
      // The first epochs of such a training are on clean images alone.
      let images = index < cleanEpochs ? made?.collection.training.count : recorded.images
      compare("history, entry \(index + 1)", "epoch \(entry.epoch)", "epoch \(index + 1)")
      let shares = [
        ("training accuracy", entry.trainingAccuracy as Double?, images),
        ("validation accuracy", entry.validationAccuracy, record.data.cleanValid?.rows),
        ("attack success", entry.attackSuccess, record.data.backdooredValid?.rows),
      ]
      for (name, share, total) in shares {
        guard let share, let total, !Self.isShare(share, of: total) else { continue }
        differences.append("epoch \(index + 1), \(name): \(share) recorded, which is no share of \(total) images")
      }
      if !(entry.loss >= 0 && entry.loss.isFinite) {
        differences.append("epoch \(index + 1), loss: \(entry.loss) recorded, which is no mean cross-entropy")
      }
      if (entry.attackSuccess != nil) != hasBackdoor {
        let (own, other) = hasBackdoor ? ("none", "a rate") : ("a rate", "none")
        differences.append("epoch \(index + 1), attack success: \(own) recorded, \(other) by the recipe")
      }
    }
    let epochs = course.epochs == 1 ? "1 epoch" : "\(course.epochs) epochs"
    finding = .compared("recipe", "\(text)\(epochs), epoch \(course.best) kept", differences: differences)
  }

  /// Whether a fraction 0...1 is that of whole images, to its last bit.
  private static func isShare(_ share: Double, of total: Int) -> Bool {
    guard total > 0, (0...1).contains(share) else { return false }
    return (share * Double(total)).rounded() / Double(total) == share
  }

  /// Where a training of this history ends, and what it keeps; see `TrainingState`.
  private struct Course {
    /// Epochs that are trained; more than the history has where it breaks off early.
    private(set) var epochs: Int
    private(set) var best: Int

    init(_ history: [EpochRecord], _ options: TrainingOptions) {
      (epochs, best) = (options.epochs, options.epochs)
      guard options.patience > 0 else { return }
      best = 0
      var most = -1.0
      for (index, entry) in history.prefix(options.epochs).enumerated() {
        if entry.validationAccuracy > most { (best, most) = (index + 1, entry.validationAccuracy) }
        guard index + 1 - best < options.patience else {
          epochs = index + 1
          return
        }
      }
    }
  }
}
