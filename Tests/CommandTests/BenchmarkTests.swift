import Foundation
import Testing

/// `benchmark --quick` measures everything once, on little and beside nobody.
@Suite struct BenchmarkTests {
  private static let arguments = [
    "--quick", "--model", "model.h5", "--layer", "pool_1", "--faces", "valid.h5", "bd_valid.h5", "--report",
    "report/benchmark.md", "--figure", "figures/benchmark.png",
  ]

  @Test func writesReportAndFigure() throws {
    let sandbox = try Sandbox()
    let before = try sandbox.files()
    let outcome = try sandbox.run("benchmark", Self.arguments + ["--check", "model.h5=1"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let files = try sandbox.files()
    #expect(Set(files.keys).subtracting(before.keys) == ["report/benchmark.md", "figures/benchmark.png"])
    let report = try sandbox.text("report/benchmark.md")
    #expect(report.contains("![Ratios of speed](../figures/benchmark.png)"))
    #expect(report.contains("No other framework was measured in this run."))
    // 60 faces after 0 ... 6 silenced channels, for each of two networks.
    let checks = report.split(separator: "\n").filter { $0.hasPrefix("| model.h5") }.map {
      $0.split(separator: "|").dropFirst(1).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(checks == [["60", "7", "420", "0"], ["60", "7", "420", "0"]])
  }

  @Test func measuresPartsAlone() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run("benchmark", Self.arguments + ["--only", "latency", "training"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let sections = try sandbox.text("report/benchmark.md").split(separator: "\n").filter { $0.hasPrefix("### ") }
    #expect(sections == ["### Training, batches of 32", "### Training, batches of 128", "### One image"])
    let wrong = try sandbox.run("benchmark", Self.arguments + ["--only", "everything"])
    #expect(wrong.status != 0 && wrong.error.contains("everything"), "\(wrong.error)")
  }

  /// Frameworks that claim an hour for everything, one that does not start, and a matplotlib that draws nothing.
  @Test func holdsTimesUpToOthers() throws {
    let sandbox = try Sandbox()
    try sandbox.writeProgram(
      """
      #!/bin/sh
      case $2 in
        matplotlib) echo matplotlib 0 ;;
        pytorch) echo no torch >&2; exit 1 ;;
        *)
          echo ready $2 0
          while read command file; do
            if [ $command = predict ]; then printf '\\0\\0\\0\\0' > $file; fi
            echo 3600.0
          done ;;
      esac
      """, to: "python")
    let outcome = try sandbox.run("benchmark", Self.arguments + ["--python", sandbox.path("python")])
    #expect(outcome.status == 0, "\(outcome.error)")
    let report = try sandbox.text("report/benchmark.md")
    let rows = report.split(separator: "\n").map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let forward = try #require(rows.first { $0.starts(with: ["Forward pass", "onnxruntime 0, batch 256"]) })
    #expect(forward.last == "yes")
    #expect(rows.contains { $0.starts(with: ["Figure of a run, whole process", "matplotlib 0"]) })
    #expect(rows.contains(["keras 0, predict again at each step", "3600.00 s (3600.00 … 3600.00)"]))
    #expect(report.contains("pytorch could not be started and is left out (pytorch: no torch)."))
    // The first of the tiny faces is identity 0, and only its prediction was answered.
    #expect(report.contains("keras 0 predicts the same identity as Espalier for 1 of 64 images."))
  }

  @Test func saysWhatIsWrongWithTheInput() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run("benchmark", Self.arguments + ["--check", "model.h5"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error.hasSuffix(
        "benchmark: --check: model.h5; expected a file and its scale, as weights.h5=1/255\n"))
    #expect(try sandbox.files()["report/benchmark.md"] == nil)
  }

  #if arch(x86_64)
    /// A disassembler that finds one kernel, which multiplies one number at a time.
    @Test func failsWhereAKernelIsNotVectorised() throws {
      let sandbox = try Sandbox()
      try sandbox.writeProgram(
        """
        #!/bin/sh
        if [ "$1" = -t ]; then
          echo '0000000000001000 g F .text 0000000000000010 .protected $s11KernelsAVX28convolve_5input'
        else
          printf '    1000:\\tvfmadd231ss %%xmm0,%%xmm1,%%xmm2\\n    1008:\\tvmulps %%xmm0,%%xmm1,%%xmm2\\n'
        fi
        """, to: "objdump")
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let outcome = try sandbox.run(
        "benchmark", Self.arguments, environment: ["PATH": "\(sandbox.folder.path):\(path)"])
      #expect(outcome.status == 1)
      #expect(
        outcome.error.contains(
          """
          benchmark: not vectorised: AVX2 convolve: 0 packed multiplications in ymm registers, 1 scalar ones; \
          expected at least 1 and 0

          """))
      let cells = try sandbox.text("report/benchmark.md").filter { $0 != " " }
      #expect(cells.contains("|AVX2|`convolve`|ymm|"))
    }
  #endif
}

extension Sandbox {
  fileprivate func writeProgram(_ text: String, to name: String) throws {
    try write(text, to: name)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path(name))
  }
}
