import Foundation

/// What `make test-sanitized` says of the build that it tests, by the options that it sets.
enum Sanitizer {
  private static let options = ProcessInfo.processInfo.environment

  /// Whether threads are checked: such a program does not live with a limit on the size of files.
  static let checksThreads = options["TSAN_OPTIONS"] != nil

  /// Whether anything is checked.
  static let isUsed = checksThreads || options["ASAN_OPTIONS"] != nil

  /// How long "at once" may take: a program that is checked is many times slower.
  static let patience = Duration.seconds(isUsed ? 10 : 1)
}
