import Files

/// A finished run, as a comparison sees it.
public struct ComparedRun: Sendable {
  /// As it was given.
  public let folder: String
  /// What the run found.
  public let record: RunRecord
  /// What it shares with others.
  public let settings: RunSettings

  /// - Parameter folder: what messages and links call it.
  public init(folder: String, record: RunRecord) throws {
    self.folder = folder
    self.record = record
    settings = try RunSettings(record)
  }

  /// Reads a run's folder.
  /// - Parameter path: the folder, or the `run.json` in it.
  /// - Throws: `InputError` where the record is missing, damaged or of another schema, or a file of the run is missing.
  public static func read(_ path: String) throws -> ComparedRun {
    let folder = OutputFile.isFolder(path) ? path : OutputFile.folder(of: path)
    let run = try ComparedRun(folder: folder, record: RunRecord.read(path))
    if let missing = run.missingFile {
      throw InputError(folder, found: "no \(missing)", expected: "it beside the run.json that goes with it")
    }
    return run
  }

  /// The run that a folder holds, or nil where there is none yet, or half of one.
  /// - Parameter settings: those that the run must have been made with, beside the seed.
  /// - Throws: `InputError` where there is a record that is damaged or of another run; it is never replaced.
  public static func finished(in folder: String, seed: UInt64, settings: RunSettings) throws -> ComparedRun? {
    let file = "\(folder)/run.json"
    guard OutputFile.exists(file) else { return nil }
    let run = try ComparedRun(folder: folder, record: RunRecord.read(file))
    let advice = "as asked for; another --output keeps both"
    guard run.record.seed == seed else {
      throw InputError(file, found: "seed is \(run.record.seed)", expected: "\(seed) \(advice)")
    }
    if let (name, own, other) = run.settings.difference(from: settings) {
      throw InputError(file, found: "\(name) is \(own)", expected: "\(other) \(advice)")
    }
    return run.missingFile == nil ? run : nil
  }

  private var missingFile: String? { RunFolder(folder).missingFile(of: record) }
}
