import Archives
import ArgumentParser
import Experiment
import Files
import HDF5
import NeuralNetwork
import Plotting

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what this machine has, and what is missing.",
    discussion: """
      Looks for the libraries and the font that the other commands use, for memory and for a folder that can be written, \
      and says what to install.

      Exit status: 0 where all is there, 1 where something is missing.
      """)

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let checks = Checkup.checks()
    if json {
      try printJSON(checks)
    } else {
      let width = checks.map(\.name.count).max() ?? 0
      let lines = checks.map { check in
        let name = check.name + String(repeating: " ", count: width - check.name.count)
        return "\(check.isFine ? "ok     " : "MISSING")  \(name)  \(VisibleText.line(check.text))"
      }
      let missing = checks.count { !$0.isFine }
      let sum = missing == 0 ? "everything is there" : "\(missing) missing"
      try Console.answer((["espalier \(RunEnvironment.version)"] + lines + [sum]).joined(separator: "\n") + "\n")
    }
    if checks.contains(where: { !$0.isFine }) { throw ExitCode(1) }
  }
}

/// What a machine needs.
enum Checkup {
  /// One thing that is there, or is not.
  struct Check: Encodable {
    let name: String
    let isFine: Bool
    let text: String
  }

  /// Everything, in the order in which a command needs it.
  static func checks() -> [Check] {
    [processor, memory, hdf5, digests, archives, drawing, font, folder]
  }

  private static var processor: Check {
    let name = Kernels.chosen.name
    let slow = name == "baseline" ? "; without AVX2 the same numbers take several times as long" : ""
    return Check(
      name: "processor", isFine: true,
      text: "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors, kernels for \(name)\(slow)")
  }

  private static var memory: Check {
    let bytes = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    let gigabytes = Double(bytes) / Double(1 << 30)
    let text = "\(MarkupText.number((gigabytes * 10).rounded() / 10)) GB"
    return Check(
      name: "memory", isFine: gigabytes >= 1, text: gigabytes >= 1 ? text : "\(text); a study takes up to 1 GB")
  }

  private static var hdf5: Check {
    do {
      return Check(name: "libhdf5", isFine: true, text: "version \(try HDF5File.libraryVersion())")
    } catch {
      return Check(name: "libhdf5", isFine: false, text: "\(error)")
    }
  }

  private static var digests: Check {
    do {
      _ = try FileDigest.sha256(of: [])
      return Check(name: "libcrypto", isFine: true, text: "SHA-256")
    } catch {
      return Check(name: "libcrypto", isFine: false, text: "\(error)")
    }
  }

  private static var archives: Check {
    do {
      return Check(name: "libzip", isFine: true, text: "version \(try ZipArchive.libraryVersion())")
    } catch {
      return Check(name: "libzip", isFine: false, text: "\(error)")
    }
  }

  private static var drawing: Check {
    let versions = DrawingLibraries.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return Check(name: "libcairo", isFine: true, text: versions.joined(separator: ", "))
  }

  /// The figures' letters: with another font their bytes are others, and the report's promises hold on this machine alone.
  private static var font: Check {
    let installed = [
      "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu/DejaVuSans.ttf",
      "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans.ttf",
    ].first(where: OutputFile.isFile)
    return Check(
      name: "font", isFine: installed != nil,
      text: installed ?? "no DejaVu Sans, figures have other letters; install the package fonts-dejavu-core")
  }

  private static var folder: Check {
    do {
      try OutputFile.requireWritable("runs/doctor/run.json")
      return Check(name: "folder", isFine: true, text: "outputs can be written here")
    } catch {
      return Check(name: "folder", isFine: false, text: "\(error)")
    }
  }
}
