import Datasets

extension CompareCommand {
  /// The first option that shapes runs to be made, and was given another value than its default; nil where none was.
  func optionOfMakingRuns() throws -> String? {
    let plain = try CompareCommand.parse([])
    func differs<Value: Equatable>(_ value: KeyPath<CompareCommand, Value>) -> Bool {
      self[keyPath: value] != plain[keyPath: value]
    }
    let options: [(name: String, isGiven: Bool)] = [
      ("--engine", differs(\.engine.engine)), ("--shard", differs(\.engine.shard)),
      ("--no-wait", differs(\.engine.noWait)), ("--seeds-per-task", differs(\.engine.seedsPerTask)),
      ("--engine-options", differs(\.engine.engineOptions)), ("--jobs", differs(\.jobs)),
      ("--keep", differs(\.keeping.keep)), ("--defences", differs(\.defences)), ("--attacks", differs(\.attacks)),
      ("--model", differs(\.model.network.model)), ("--input-scale", differs(\.model.network.inputScale)),
      ("--exclude-target", differs(\.model.faces.excludeTarget)),
      ("--layer", differs(\.pruning.layer)), ("--order", differs(\.pruning.order)),
      ("--defence", differs(\.pruning.defence)), ("--defence-options", differs(\.pruning.defenceOptions)),
      ("--drops", differs(\.pruning.drops)), ("--validation-sample", differs(\.pruning.validationSample)),
      ("--identities", differs(\.recipe.drawn.identities)),
      ("--training-images", differs(\.recipe.drawn.trainingImages)),
      ("--validation-images", differs(\.recipe.drawn.validationImages)),
      ("--test-images", differs(\.recipe.drawn.testImages)), ("--nuisance", differs(\.recipe.drawn.nuisance)),
      ("--faces", differs(\.recipe.faces)), ("--clean-train", differs(\.recipe.cleanTrain)),
      ("--mean", differs(\.model.network.mean)), ("--std", differs(\.model.network.std)),
      ("--layout", differs(\.model.reading.layout)), ("--images-key", differs(\.model.reading.imagesKey)),
      ("--labels-key", differs(\.model.reading.labelsKey)), ("--classes", differs(\.model.reading.classes)),
      ("--trigger", differs(\.recipe.backdoor.trigger)),
      ("--target", differs(\.recipe.backdoor.target)), ("--poison-fraction", differs(\.recipe.poisonFraction)),
      ("--attack", differs(\.recipe.attack)), ("--poisoning", differs(\.recipe.poisoning)),
      ("--epochs", differs(\.recipe.epochs)), ("--batch-size", differs(\.recipe.batchSize)),
      ("--learning-rate", differs(\.recipe.learningRate)), ("--optimizer", differs(\.recipe.optimizer)),
      ("--momentum", differs(\.recipe.momentum)), ("--weight-decay", differs(\.recipe.weightDecay)),
      ("--clip-norm", differs(\.recipe.clipNorm)), ("--schedule", differs(\.recipe.schedule)),
      ("--patience", differs(\.recipe.patience)),
    ]
    let split = Split.allCases.first { model.faces.paths[$0] != nil }
    return split?.option ?? options.first(where: \.isGiven)?.name
  }
}
