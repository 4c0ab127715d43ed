import Attacks
import Experiment
import Files
import Foundation
import Testing

/// `espalier verify` on a run that trained its own network.
struct VerifyTrainedTests {
  /// The files of a folder in which such a run has been.
  private static let finished = Result {
    let sandbox = try Sandbox(files: [:])
    let recipe = [
      "--identities", "4", "--training-images", "10", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
    ]
    #expect(try sandbox.espalier(["run", "--output", "runs/small"] + recipe).status == 0)
    return try sandbox.files()
  }

  private func lines(_ sandbox: Sandbox, _ arguments: [String] = []) throws -> (status: Int32, lines: [Substring]) {
    let outcome = try sandbox.espalier(["verify", "runs/small"] + arguments)
    #expect(outcome.error == "")
    return (outcome.status, outcome.output.split(separator: "\n"))
  }

  @Test func facesAreMadeAnewAndTheNetworkWhereThatIsAskedFor() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    let plain = try lines(sandbox)
    #expect(plain.status == 0)
    #expect(plain.lines.contains("same         model                  runs/small/badnet.h5"))
    #expect(plain.lines.contains("same         backdoored test        runs/small/faces/bd_test.h5"))
    #expect(plain.lines.contains("same         faces                  4 splits regenerated from seed 1"))
    #expect(
      plain.lines.contains("not checked  training               not repeated; --retrain retrains the network"))
    #expect(
      plain.lines.contains(
        "same         recipe                 40 images and 5 triggered copies, 1 step an epoch, 2 epochs, epoch 2 kept"
      ))
    let report = try sandbox.text("report/report.md").split(separator: "\n", omittingEmptySubsequences: false)
    func line(_ start: String) throws -> Int { try #require(report.firstIndex { $0.hasPrefix(start) }) + 1 }
    let (recipe, table, command) = try (line("B was trained here"), line("| Setting"), line("espalier run "))
    let ends = try (line("| Nesterov momentum"), line("  --drops "))
    #expect(
      plain.lines.contains(
        """
        not checked  report lines           report/report.md: lines \(recipe), \(table)-\(ends.0), \
        \(command)-\(ends.1), settings and history of the training, not recomputed
        """), "\(plain.lines)")
    #expect(
      plain.lines.contains(
        "not checked  figure                 figures/output-training.png: as in the record, which was not recomputed"))
    #expect(
      plain.lines.last
        == "runs/small: 27 items the same, 0 different, 3 not checked: this run is verified in part only")
    let strict = try lines(sandbox, ["--strict"])
    #expect(strict.status == 1 && strict.lines == plain.lines)

    let trained = try lines(sandbox, ["--retrain", "--strict", "--threads", "1"])
    #expect(trained.status == 0)
    #expect(trained.lines.contains("same         training               2 epochs from seed 1, the same network"))
    #expect(trained.lines.contains("same         figure                 figures/output-training.png"))
    #expect(trained.lines.last == "runs/small: 29 items the same, 0 different, 0 not checked")
  }

  @Test func whatIsGoneIsMadeAnewForTheStudy() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    try FileManager.default.removeItem(atPath: sandbox.path("runs/small/faces"))
    let gone = try lines(sandbox)
    #expect(gone.status == 1)
    #expect(gone.lines.contains("DIFFERENT    clean test             runs/small/faces/test.h5: no such file"))
    #expect(
      gone.lines.last == "runs/small: 23 items the same, 4 different, 3 not checked: this run is verified in part only")

    try FileManager.default.removeItem(atPath: sandbox.path("runs/small/badnet.h5"))
    // The record alone is left, as --keep record leaves it.
    let kept = try lines(sandbox)
    #expect(
      kept.status == 0
        && kept.lines.contains {
          $0.hasPrefix("not checked  study ") && $0.hasSuffix("not recomputed, without the network of the record")
        })
    #expect(try lines(sandbox, ["--retrain"]).lines.last == "runs/small: 25 items the same, 0 different, 0 not checked")
  }

  @Test func anotherRecipeIsNamed() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    let record = try sandbox.text("runs/small/run.json")
    func change(_ text: String, _ other: String) throws {
      #expect(record.contains(text))
      try sandbox.write(record.replacingOccurrences(of: text, with: other), to: "runs/small/run.json")
    }
    try change("\"nuisance\" : 1", "\"nuisance\" : 0.5")
    let faces = try lines(sandbox)
    #expect(faces.status == 1)
    let line = try #require(faces.lines.first { $0.hasPrefix("DIFFERENT    faces ") })
    let valid = try FileDigest.sha256(ofFileAt: sandbox.path("runs/small/faces/valid.h5")).prefix(8)
    #expect(
      line.hasPrefix("DIFFERENT    faces                  clean validation regenerated: SHA-256 \(valid) recorded, "))
    #expect(line.hasSuffix(" now (and 3 more differences)"))

    try change("\"poisonFraction\" : 0.12", "\"poisonFraction\" : 12")
    #expect(
      try lines(sandbox).lines.contains(
        """
        DIFFERENT    faces                  the recipe cannot be followed: --poison-fraction: 12.0; expected a \
        fraction in 0...1
        """))

    try change("\"epochs\" : 2", "\"epochs\" : 1")
    #expect(try lines(sandbox).lines.contains { $0.hasPrefix("not checked  training ") })
    let epochs = try lines(sandbox, ["--retrain"])
    #expect(epochs.status == 1)
    #expect(
      epochs.lines.contains {
        $0.hasPrefix("DIFFERENT    training               the retrained network: SHA-256 ")
      })
  }

  /// What follows from the recipe without training is compared, whatever the report says.
  @Test func aForgedHistoryIsNamedWithoutTraining() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    let record = try RunRecord.read(sandbox.path("runs/small"))
    func check(_ expected: [String], _ change: (inout TrainingRecord) -> Void) throws {
      var forged = record
      var training = try #require(record.training)
      change(&training)
      forged.training = training
      try sandbox.write(forged.json, to: "runs/small/run.json")
      // The report is made to match.
      let report = try sandbox.espalier(["report", "runs/small", "--output", "report/report.md"])
      #expect(report.status == 0)
      let outcome = try sandbox.espalier(["verify", "runs/small", "--json"])
      let answer = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let findings = try #require(answer["findings"] as? [[String: Any]])
      let recipe = try #require(findings.first { $0["item"] as? String == "recipe" })
      let differences = recipe["differences"] as? [String] ?? []
      // Shares of another number of images are differences too.
      #expect(Array(differences.prefix(max(1, expected.count))) == expected)
      #expect(recipe["verdict"] as? String == (expected.isEmpty ? "same" : "different"))
      #expect(expected.isEmpty || outcome.status == 1)
    }
    try check([]) { _ in }
    try check(["images: 44 recorded, 45 by the recipe"]) { $0.images = 44 }
    try check(["epochs: 2 recorded, 3 by the recipe", "best epoch: 2 recorded, 3 by the recipe"]) {
      $0.recipe.training.epochs = 3
    }
    try check(["images: 45 recorded, 60 by the recipe"]) { $0.recipe.attack.poisonFraction = 0.5 }
    try check(["best epoch: 1 recorded, 2 by the recipe"]) { $0.bestEpoch = 1 }
    try check(["epochs: 1 recorded, 2 by the recipe"]) { $0.history.removeLast() }
    try check(["history, entry 2: epoch 7 recorded, epoch 2 by the recipe"]) { $0.history[1].epoch = 7 }
    try check(["epoch 1, validation accuracy: 0.99 recorded, which is no share of 12 images"]) {
      $0.history[0].validationAccuracy = 0.99
    }
    try check(["epoch 1, attack success: none recorded, a rate by the recipe"]) { $0.history[0].attackSuccess = nil }
    try check(["epoch 1, loss: -1.0 recorded, which is no mean cross-entropy"]) { $0.history[0].loss = -1 }
    // With patience the end and the epoch kept follow from the history.
    try check([]) { training in
      training.recipe.training.patience = 1
      training.recipe.training.epochs = 9
      for index in 0...1 { training.history[index].validationAccuracy = 0.5 }
      training.bestEpoch = 1
    }
  }

  @Test func facesFromAFolderThatIsGoneAreNotChecked() throws {
    let sandbox = try Sandbox(files: [:])
    for person in 0..<2 {
      for index in 0..<6 {
        try TestImages.write("people/\(person)/\(index).png", shade: Double(person + index) / 8, in: sandbox)
      }
    }
    #expect(try sandbox.espalier(["run", "--faces", "people", "--epochs", "1", "--output", "runs/small"]).status == 0)
    #expect(try lines(sandbox).status == 0)
    try FileManager.default.removeItem(atPath: sandbox.path("people"))
    let gone = try lines(sandbox)
    #expect(gone.status == 0)
    #expect(
      gone.lines.contains(
        """
        not checked  faces                  the recipe cannot be followed: people: no such folder; expected a folder \
        of images for each identity
        """))
  }
}
