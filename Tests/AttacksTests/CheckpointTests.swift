import Attacks
import Datasets
import Files
import Foundation
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// A training that is resumed from what an earlier one left after an epoch.
@Suite struct CheckpointTests {
  private static func recipe(_ change: (inout BadNetRecipe) -> Void = { _ in }) -> BadNetRecipe {
    var recipe = BadNetRecipe()
    recipe.faces.identities = 3
    recipe.faces.images = FaceCollection.Counts(training: 5, validation: 3, test: 1)
    recipe.training.epochs = 4
    recipe.training.batchSize = 8
    change(&recipe)
    return recipe
  }

  private typealias Outcome = (training: BadNetTraining, notices: [CheckpointFile.Notice])

  /// Trains with a checkpoint at `path`.
  private func train(
    _ recipe: BadNetRecipe, _ path: String, version: String = "1",
    eachStep: (BadNetTraining.Progress) -> Void = { _ in }
  ) throws -> Outcome {
    var notices: [CheckpointFile.Notice] = []
    let file = CheckpointFile(path, version: version) { notices.append($0) }
    let trained = try TrainedBadNet(recipe, threads: 2, checkpoint: file, progress: eachStep)
    return (trained.training, notices)
  }

  /// Trains from the beginning and keeps the checkpoint of every epoch.
  private func checkpoints(_ recipe: BadNetRecipe, in folder: String) throws -> (BadNetTraining, files: [Data]) {
    let path = "\(folder)/whole.checkpoint"
    var files: [Data] = []
    let outcome = try train(recipe, path) { progress in
      if progress.epoch > files.count + 1, let bytes = FileManager.default.contents(atPath: path) {
        files.append(bytes)
      }
    }
    #expect(outcome.notices == [])
    files.append(try Data(contentsOf: URL(fileURLWithPath: path)))
    return (outcome.training, files)
  }

  @Test(arguments: [
    recipe(),
    recipe { $0.training.optimizer = .adam },
    // The best epoch is not the last one, and the end comes early.
    recipe { ($0.training.patience, $0.training.epochs, $0.training.learningRate) = (2, 9, 0.05) },
    recipe { ($0.attack.triggers, $0.attack.targets) = ([], []) },
  ])
  func everyEpochLeadsToTheSameNumbers(recipe: BadNetRecipe) throws {
    try withTemporaryFolder { folder in
      let (whole, files) = try checkpoints(recipe, in: folder)
      #expect(files.count == whole.history.count && files.count >= 3)
      for index in [0, files.count - 2] {
        let path = "\(folder)/\(index).checkpoint"
        try files[index].write(to: URL(fileURLWithPath: path))
        var steps = 0
        let (again, notices) = try train(recipe, path) { _ in steps += 1 }
        #expect(notices == [.takenUp(epoch: index + 1, of: recipe.training.epochs)])
        #expect(again.network == whole.network && again.history == whole.history)
        #expect(again.bestEpoch == whole.bestEpoch && again.images == whole.images)
        #expect(steps == (whole.history.count - index - 1) * ((whole.images + 7) / 8))
        // And the state at the end is the same, to the last bit.
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == files.last)
      }
    }
  }

  @Test func patienceKeepsANetworkThatIsNotTheLast() throws {
    let recipe = Self.recipe { ($0.training.patience, $0.training.epochs, $0.training.learningRate) = (2, 9, 0.05) }
    let training = try TrainedBadNet(recipe, threads: 2).training
    #expect(training.bestEpoch == training.history.count - 2 && training.history.count < 9)
  }

  @Test func anotherTrainingsCheckpointIsIgnored() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/net.checkpoint"
      let refused = ["net.checkpoint: one of another recipe, other faces or another version"]
      _ = try train(Self.recipe(), path)
      let other = Self.recipe { $0.training.learningRate = 0.01 }
      let (training, notices) = try train(other, path)
      #expect(notices.map(text) == refused)
      #expect(try training.network == TrainedBadNet(other, threads: 2).training.network)
      #expect(try train(other, path, version: "2").notices.map(text) == refused)
      // What was ignored has been replaced.
      #expect(try train(other, path, version: "2").notices == [.takenUp(epoch: 4, of: 4)])
    }
  }

  @Test func theKeyIsThatOfEverythingATrainingBeginsWith() throws {
    func key(_ recipe: BadNetRecipe, version: String = "1") throws -> String {
      let faces = try recipe.makeFaces(threads: 1)
      let attack = try recipe.makeAttack(identities: faces.identities)
      let poisoned = try attack.poisoned(faces.training, seed: recipe.seed)
      return try CheckpointFile("", version: version).key(
        faces: [poisoned, faces.validation, attack.triggered(faces.validation, name: "")], recipe.training,
        seed: recipe.seed)
    }
    let first = try key(Self.recipe())
    #expect(try key(Self.recipe()) == first && key(Self.recipe(), version: "2") != first)
    let others = [
      Self.recipe { $0.seed = 2 }, Self.recipe { $0.training.epochs = 3 }, Self.recipe { $0.faces.nuisance = 0.9 },
      Self.recipe { $0.attack.poisonFraction = 0.5 }, Self.recipe { $0.attack.targets = [1] },
      Self.recipe { $0.training.optimizer = .adam }, Self.recipe { $0.attack.triggers = ["patch"] },
    ]
    for other in others { #expect(try key(other) != first) }
  }

  /// What reading a checkpoint of the usual recipe says.
  private func reader() throws -> (_ path: String) -> [CheckpointFile.Notice] {
    let recipe = Self.recipe()
    let faces = try recipe.makeFaces(threads: 2)
    let attack = try recipe.makeAttack(identities: faces.identities)
    let poisoned = try attack.poisoned(faces.training, seed: recipe.seed)
    let key = try CheckpointFile("", version: "1").key(
      faces: [poisoned, faces.validation, attack.triggered(faces.validation, name: "")], recipe.training,
      seed: recipe.seed)
    let beginning = TrainingState(try DeepID.initialNetwork(classes: 3, seed: recipe.seed), recipe.training)
    return { path in
      var notices: [CheckpointFile.Notice] = []
      let state = CheckpointFile(path, version: "1") { notices.append($0) }.read(
        key: key, beginning: beginning, epochs: recipe.training.epochs, stepsAnEpoch: (poisoned.count + 7) / 8)
      #expect((state == nil) == (notices != [.takenUp(epoch: 2, of: 4)]))
      return notices
    }
  }

  /// What was found, without the folder.
  private func text(_ notice: CheckpointFile.Notice) -> String {
    guard case .ignored(let error) = notice else { return "\(notice)" }
    return "\(error.location.split(separator: "/").last ?? ""): \(error.found)"
  }

  @Test func damageIsNeverTrusted() throws {
    try withTemporaryFolder { folder in
      let good = try checkpoints(Self.recipe(), in: folder).files[1]
      let path = "\(folder)/net.checkpoint"
      try good.write(to: URL(fileURLWithPath: path))
      let read = try reader()
      #expect(read(path) == [.takenUp(epoch: 2, of: 4)])
      var random = SeededGenerator(seed: 1)
      var damaged: [Data] = [
        Data(), Data("espalier checkpoint 1\n".utf8), good.prefix(60), good.prefix(87), good.prefix(88),
        good.dropLast(),
        good + [0], Data("espalier checkpoint 2\n".utf8) + good.dropFirst(22),
      ]
      for _ in 0..<12 {
        var bytes = good
        bytes[random.integer(below: bytes.count)] ^= UInt8(1 << random.integer(below: 8))
        damaged.append(bytes)
      }
      for bytes in damaged {
        try bytes.write(to: URL(fileURLWithPath: path))
        let notices = read(path)
        #expect(
          ["another kind of file", "bytes that are not those of its digest"].contains {
            notices.map(text) == ["net.checkpoint: \($0)"]
          }, "\(notices)")
      }
    }
  }

  /// Files made to deceive: the digest is right, and what it covers is not.
  @Test func liesAreNotBelievedEither() throws {
    try withTemporaryFolder { folder in
      let body = try checkpoints(Self.recipe(), in: folder).files[1].dropFirst(22 + 64 + 1)
      let end = try #require(body.firstIndex(of: UInt8(ascii: "\n")))
      let header = String(decoding: body[..<end], as: UTF8.self)
      let numbers = Data(body[end...])
      #expect(header.contains("\"bestEpoch\":2") && header.contains("\"steps\":6"))
      let misfit = "parts that do not fit together"
      let lies: [(Data, String)] = [
        (Data("no line".utf8), "no header"), (Data("{}".utf8) + numbers, "no header"),
        (Data("[\(String(repeating: "[", count: 100_000))".utf8) + numbers, "no header"),
        (Data(header.replacing("\"steps\":6", with: "\"steps\":7").utf8) + numbers, misfit),
        (Data(header.replacing("\"steps\":6", with: "\"steps\":1e99").utf8) + numbers, "no header"),
        (Data(header.replacing("\"bestEpoch\":2", with: "\"bestEpoch\":0").utf8) + numbers, misfit),
        (Data(header.replacing("\"bestEpoch\":2", with: "\"bestEpoch\":1").utf8) + numbers, misfit),
        (Data(header.replacing("\"bestEpoch\":2", with: "\"bestEpoch\":\(Int.max)").utf8) + numbers, misfit),
        (Data(header.replacing("\"epoch\":2", with: "\"epoch\":3").utf8) + numbers, misfit),
        (Data(header.utf8) + numbers.dropLast(4), misfit), (Data(header.utf8), "no header"),
        (
          Data(header.utf8) + numbers.prefix(1) + Data([0, 0, 0xC0, 0x7F]) + numbers.dropFirst(5),
          "numbers that are not finite"
        ),
      ]
      let path = "\(folder)/net.checkpoint"
      let read = try reader()
      for (lie, found) in lies {
        let digest = try FileDigest.sha256(of: Array(lie))
        try (Data("espalier checkpoint 1\n\(digest)\n".utf8) + lie).write(to: URL(fileURLWithPath: path))
        #expect(read(path).map(text) == ["net.checkpoint: \(found)"])
      }
    }
  }

  @Test func otherThingsInItsPlace() throws {
    try withTemporaryFolder { folder in
      // Larger than any state of this training: not even read.
      let path = "\(folder)/net.checkpoint"
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      truncate(path, 1 << 40)
      let notices = try train(Self.recipe(), path).notices.map(text)
      #expect(notices == ["net.checkpoint: has 1099511627776 bytes"])
      try OutputFile.makeFolder("\(folder)/folder")
      #expect(
        errorText(in: folder) { try train(Self.recipe(), "\(folder)/folder") }
          == "folder: a folder; expected a path for a file")
    }
  }

  @Test func aTrainingThatDivergesLeavesNone() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/net.checkpoint"
      let recipe = Self.recipe {
        ($0.training.learningRate, $0.training.clipNorm, $0.training.schedule) = (10, 0, .constant)
      }
      #expect(errorText(in: folder) { try train(recipe, path) }.contains("the loss is no longer a number"))
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
