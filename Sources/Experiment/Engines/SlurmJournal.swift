import Files
import Foundation

/// The job arrays that were submitted for a comparison, so that the same command finds them again.
struct SlurmJournal: Codable, Equatable {
  /// One array.
  struct Job: Codable, Equatable {
    /// Slurm's number of it.
    let id: String
    /// The seeds of each of its tasks, by index.
    let tasks: [String]
  }

  var jobs: [Job] = []

  /// - Returns: an empty one where there is none.
  /// - Throws: `InputError` where it is damaged.
  static func read(_ path: String) throws -> SlurmJournal {
    guard OutputFile.isFile(path) else { return SlurmJournal() }
    do {
      return try JSONDecoder().decode(
        SlurmJournal.self, from: Data(try FileBytes.read(path, limit: 1 << 28)))
    } catch is DecodingError {
      throw InputError(
        path, found: "no list of jobs", expected: "what --engine slurm wrote; without it all is submitted")
    }
  }

  func write(_ path: String) throws { try OutputFile.write(JSONText.of(self), to: path) }
}
