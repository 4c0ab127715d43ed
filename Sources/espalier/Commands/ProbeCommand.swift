import ArgumentParser
import Datasets
import Files
import Foundation
import ModelFiles
import Report

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The child of `HDF5Probe`: reads files and says nothing of them but how far it came.
struct ProbeCommand: ParsableCommand {
  static let name = "probe-hdf5"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Read HDF5 files, and see whether libhdf5 survives it.", shouldDisplay: false)

  @Argument(help: "model:FILE, faces:FILE or any:FILE.")
  var files: [String]

  @OptionGroup var reading: ReadingOptions

  func run() throws {
    // No picture of the crash that may come, and no core file.
    setLimit(RLIMIT_CORE, to: 0)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP] { _ = Glibc.signal(signal, SIG_DFL) }
    for file in files {
      let parts = file.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let kind = HDF5Probe.Kind(rawValue: String(parts[0])), let path = parts.last.map(String.init) else {
        continue
      }
      let size = FileBytes.size(path) ?? 0
      limit(fileBytes: size)
      try Console.answer(".")
      // What is merely wrong with the file is for the command to say.
      try? read(path, as: kind)
      if peakMegabytes() > megabytes(fileBytes: size) { Glibc.exit(HDF5Probe.tooMuchMemory) }
    }
  }

  private func read(_ path: String, as kind: HDF5Probe.Kind) throws {
    switch kind {
    case .model: _ = try KerasModelFile.read(path)
    case .faces: try visit(path)
    case .any: if case .faces = try FileContents(path) { try visit(path) }
    }
  }

  private func visit(_ path: String) throws {
    var reading = try reading.reading()
    // Either order touches the same chunks.
    reading.layout = .nchw
    try FaceDataset(file: path, reading).visit()
  }

  /// A large file may take more than a small one: its own size three times over, and a second for 50 MB.
  private func megabytes(fileBytes: Int) -> Int { HDF5Probe.megabytes + 3 * (fileBytes >> 20) }

  private func limit(fileBytes: Int) {
    // Processor time, which does not run while others work or a disk is slow; what earlier files took comes on top.
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let taken = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1
    setLimit(RLIMIT_CPU, to: taken + HDF5Probe.seconds + fileBytes / 50_000_000)
    // Well above what is refused, so that running out of it is seldom mistaken for damage.
    setLimit(RLIMIT_DATA, to: reservedBytes() + 4 * megabytes(fileBytes: fileBytes) << 20)
  }

  /// What the process has reserved before it reads anything, which under a sanitizer is terabytes.
  private func reservedBytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 5 ? (Int(fields[5]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }

  private func setLimit(_ resource: __rlimit_resource, to value: Int) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    limit.rlim_cur = min(rlim_t(value), limit.rlim_max)
    setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
  }

  private func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss >> 10
  }
}
