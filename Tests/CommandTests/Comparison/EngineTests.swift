import Foundation
import Testing

/// `--shard`, `--engine print` and `--engine slurm`, the latter with commands that behave as Slurm's do.
struct EngineTests {
  private static let base = ["compare", "--validation-sample", "8", "--keep", "record"] + Sandbox.inputs

  private func seeds(_ list: String) -> [String] { Self.base + ["--seeds", list] }

  /// A folder of commands called `sbatch`, `squeue` and `scontrol`. Jobs run while they are submitted.
  private func fakeSlurm(_ sandbox: Sandbox, largestArray: Int = 1001) throws -> [String: String] {
    let folder = sandbox.path("fake")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let scripts = [
      "sbatch": """
      echo "$*" >>\(folder)/calls
      script=; offset=
      for word in "$@"; do
        case $word in
          --array=0-*) last=${word#--array=0-};;
          --*) ;;
          *) if [ -z "$script" ]; then script=$word; else offset=$word; fi;;
        esac
      done
      if [ -f \(folder)/refuse ]; then cat \(folder)/refuse >&2; exit 1; fi
      if [ -f \(folder)/busy ]; then mv \(folder)/busy \(folder)/was-busy
        echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2; exit 1; fi
      if [ -f \(folder)/most ] && [ $((last + 1)) -gt $(cat \(folder)/most) ]; then
        echo "sbatch: error: AssocMaxSubmitJobLimit" >&2
        echo "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit)" >&2
        exit 1; fi
      id=$(cat \(folder)/next 2>/dev/null || echo 17); echo $((id + 1)) >\(folder)/next
      logs=$(sed -n 's/^#SBATCH --output=\\(.*\\)\\/%A_%a.log/\\1/p' $script)
      [ -f \(folder)/lost ] || for i in $(seq 0 $last); do
        SLURM_ARRAY_JOB_ID=$id SLURM_ARRAY_TASK_ID=$i bash $script $offset >>$logs/${id}_$i.log 2>&1
      done
      echo "$id;local"
      """,
      "squeue": "[ -f \(folder)/queue ] && cat \(folder)/queue; exit 0",
      "scontrol": """
      case "$*" in
        "show config") echo "MaxArraySize            = \(largestArray)";;
        show*) echo "JobId=1 JobState=FAILED Reason=NonZeroExitCode ExitCode=1:0 NodeList=node7 BatchHost=node7";;
      esac
      """,
    ]
    for (name, text) in scripts {
      try "#!/bin/bash\n\(text)\n".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(name)")
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return ["PATH": "\(folder):\(path)", "ESPALIER_ENGINE_PATIENCE": "0.3"]
  }

  /// What a comparison leaves, but for what may differ between machines and engines.
  private func results(_ sandbox: Sandbox) throws -> [String: Data] {
    try sandbox.files().filter { name, _ in
      (name.hasPrefix("runs/") || name.hasPrefix("figures/") || name.hasPrefix("report/"))
        && !name.hasSuffix("environment.json") && !name.contains("/slurm/")
    }
  }

  @Test func shardsMakeWhatOneCommandMakes() throws {
    let whole = try Sandbox()
    #expect(try whole.espalier(seeds("1-5")).status == 0)
    let sharded = try Sandbox()
    for index in 1...3 {
      let outcome = try sharded.espalier(seeds("1-5") + ["--shard", "\(index)/3"])
      #expect(outcome.status == 0 && !outcome.error.contains("report"))
    }
    #expect(try results(sharded).count == 10, "records and curves, and nothing else")
    let collected = try sharded.espalier(seeds("1-5"))
    #expect(collected.status == 0 && !collected.error.contains("seed-"))
    #expect(try results(sharded) == results(whole))
    #expect(try sharded.espalier(seeds("1-2") + ["--shard", "3/3"]).status == 0, "a shard may have no seed")
  }

  @Test func printedCommandsMakeTheMissingRuns() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(seeds("2") + ["--shard", "1/1"]).status == 0)
    let printed = try sandbox.espalier(seeds("1-3") + ["--engine", "print", "--keep-going", "--figure", "x.png"])
    let lines = printed.output.split(separator: "\n")
    #expect(printed.status == 0 && lines.count == 2)
    #expect(
      lines[0].hasSuffix(
        " --keep record --model model.h5 --layer pool_1 --clean-valid valid.h5 --clean-test test.h5 --backdoored-valid bd_valid.h5 --backdoored-test bd_test.h5 --engine local --shard 1/1 --seeds 1"
      ))
    for line in lines {
      let words = line.split(separator: " ").dropFirst().map(String.init)
      #expect(try sandbox.espalier(words).status == 0)
    }
    #expect(try sandbox.espalier(seeds("1-3") + ["--engine", "print"]).output == "")
    let packed = try sandbox.espalier(seeds("1-9") + ["--engine", "print", "--seeds-per-task", "4"])
    #expect(
      packed.output.split(separator: "\n").map { $0.suffix(11) }
        == ["--seeds 4-7", "--seeds 8-9"].map { $0.suffix(11) })
  }

  @Test func arraysMakeTheSameBytes() throws {
    let local = try Sandbox()
    #expect(try local.espalier(seeds("1-5")).status == 0)
    let sandbox = try Sandbox()
    let slurm = try fakeSlurm(sandbox, largestArray: 2)
    let arguments =
      seeds("1-5") + [
        "--engine", "slurm", "--seeds-per-task", "2", "--engine-options", "--partition=short --comment='two words'",
      ]
    let outcome = try sandbox.run("espalier", arguments, environment: slurm)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try results(sandbox) == results(local))
    // Three tasks, in arrays of at most two.
    let calls = try sandbox.text("fake/calls").split(separator: "\n")
    #expect(calls.count == 2)
    #expect(calls[0].contains("--array=0-1 --partition=short --comment=two words ") && calls[0].hasSuffix(".sh 0"))
    #expect(calls[1].contains("--array=0-0 ") && calls[1].hasSuffix(".sh 2"))
    #expect(outcome.error.contains("submitted 2 tasks as job 17: runs/compare/slurm/espalier-"))
    #expect(try sandbox.text("runs/compare/slurm/logs/18_0.log").contains("espalier task 18_0: seeds 5 on "))
    // All is there: nothing is submitted.
    #expect(try sandbox.run("espalier", arguments, environment: slurm).status == 0)
    #expect(try sandbox.text("fake/calls").split(separator: "\n").count == 2)
  }

  @Test func whatFailsIsNamedAndTheOthersAreCollected() throws {
    let sandbox = try Sandbox()
    let slurm = try fakeSlurm(sandbox)
    try FileManager.default.createDirectory(atPath: sandbox.path("runs/compare"), withIntermediateDirectories: true)
    try sandbox.write("", to: "runs/compare/seed-2")
    let arguments = seeds("1-3") + ["--engine", "slurm", "--seeds-per-task", "1"]
    let outcome = try sandbox.run("espalier", arguments, environment: slurm)
    #expect(outcome.status == 1)
    let reason =
      "runs/compare/seed-2: task 17_1 on node7; FAILED, NonZeroExitCode, exit code 1:0; "
      + "espalier: runs/compare/seed-2: a file; expected a folder; log runs/compare/slurm/logs/17_1.log"
    #expect(outcome.error.contains("espalier: \(reason)\n"), "\(outcome.error)")
    #expect(outcome.error.hasSuffix("espalier: 1 of 3 runs failed; what finished is kept\n"))
    let report = try sandbox.text("report/comparison.md")
    #expect(
      report.hasPrefix("# The pruning defence over 2 runs\n\n**This report is partial**: 1 of 3 runs are missing.\n"))
    #expect(report.contains("- `\(reason)`\n"))
    #expect(report.contains("--seeds 1-3 --engine slurm --seeds-per-task 1\n```"))
    // The same command makes what is missing and nothing else.
    try FileManager.default.removeItem(atPath: sandbox.path("runs/compare/seed-2"))
    #expect(try sandbox.run("espalier", arguments, environment: slurm).status == 0)
    #expect(try sandbox.text("fake/calls").split(separator: "\n").count == 2)
    #expect(try sandbox.text("runs/compare/slurm/logs/18_0.log").contains("seeds 2 on "))
    #expect(try !sandbox.text("report/comparison.md").contains("partial"))
  }

  @Test func refusalsAreErrorsAndPausesAreNot() throws {
    let sandbox = try Sandbox()
    let slurm = try fakeSlurm(sandbox)
    let arguments = seeds("1-4") + ["--engine", "slurm", "--seeds-per-task", "1"]
    try sandbox.write(
      "sbatch: error: invalid partition specified: shrt\nsbatch: error: Batch job submission failed: Invalid partition name specified\n",
      to: "fake/refuse")
    let refused = try sandbox.run("espalier", arguments, environment: slurm)
    #expect(refused.status == 2)
    #expect(
      refused.error == """
        espalier: sbatch: Batch job submission failed: Invalid partition name specified; expected options and a partition \
        that Slurm accepts

        """)
    try FileManager.default.removeItem(atPath: sandbox.path("fake/refuse"))
    // Busy once, and only two tasks at a time.
    try sandbox.write("", to: "fake/busy")
    try sandbox.write("2\n", to: "fake/most")
    let outcome = try sandbox.run("espalier", arguments, environment: slurm)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(FileManager.default.fileExists(atPath: sandbox.path("fake/was-busy")))
    #expect(
      outcome.error.contains("submitted 2 tasks as job 17") && outcome.error.contains("submitted 2 tasks as job 18"))

    let none = try sandbox.run("espalier", arguments + ["--output", "x"], environment: ["PATH": "/nonexistent"])
    #expect(none.status == 2)
    #expect(none.error.hasPrefix("espalier: --engine slurm: no sbatch in the path; expected Slurm's commands"))
  }

  @Test func whatIsSubmittedIsNotSubmittedAgain() throws {
    let sandbox = try Sandbox()
    let slurm = try fakeSlurm(sandbox)
    let arguments = seeds("1-3") + ["--engine", "slurm", "--seeds-per-task", "2"]
    // Tasks that wait and do nothing: the command returns at once.
    try sandbox.write("", to: "fake/lost")
    let first = try sandbox.run("espalier", arguments + ["--no-wait"], environment: slurm)
    #expect(
      first.status == 0
        && first.error.hasSuffix("the same command without --no-wait waits for the tasks and writes the report\n"))
    #expect(try results(sandbox).isEmpty)
    try sandbox.write("17 0 PENDING Priority\n", to: "fake/queue")
    let again = try sandbox.run("espalier", arguments + ["--no-wait"], environment: slurm)
    #expect(again.error.hasPrefix("2 seeds wait or run from an earlier command\nsubmitted 1 task as job 18"))
    // The tasks are gone and left nothing, not even a log.
    try FileManager.default.removeItem(atPath: sandbox.path("fake/queue"))
    let gone = try sandbox.run("espalier", arguments, environment: slurm)
    #expect(gone.status == 1)
    #expect(
      gone.error.contains("no log runs/compare/slurm/logs/19_0.log: do the nodes see this folder?"), "\(gone.error)")
  }

  @Test func optionsThatDoNotFitAreNamed() throws {
    let sandbox = try Sandbox()
    func error(_ options: [String]) throws -> String { try sandbox.espalier(seeds("1-3") + options).error }
    #expect(
      try error(["--no-wait"])
        == "espalier: --no-wait: given without --engine slurm; expected it with job arrays alone\n")
    #expect(
      try error(["--shard", "1/2", "--engine", "print"])
        == "espalier: --shard: 1/2 with --engine print; expected one of the two\n")
    #expect(
      try error(["--seeds-per-task", "3"])
        == "espalier: --seeds-per-task: given without an engine; expected --engine slurm or print\n")
    for shard in ["0/3", "4/3", "1", "a/b", "1/0"] {
      #expect(try error(["--shard", shard]).contains("expected a part and their number, as 3/10"), "\(shard)")
    }
  }
}
