import Files

/// The batch script of a comparison's job arrays: it is left beside the runs, to be read and submitted by hand.
public struct SlurmScript: Sendable {
  /// The array's name.
  public let name: String
  /// The seeds of each task, as `--seeds` takes them.
  public let tasks: [String]
  /// Where the commands start, absolute.
  public let folder: String
  /// Where logs go, absolute.
  public let logs: String
  /// The command of a task, as a shell reads it, but for `--seeds`.
  public let command: String
  /// Whether the command says how many threads it takes.
  public let hasThreads: Bool
  /// Options of `sbatch`, as given.
  public let options: [String]

  /// A script of these parts.
  public init(
    name: String, tasks: [String], folder: String, logs: String, command: String, hasThreads: Bool, options: [String]
  ) {
    (self.name, self.tasks, self.folder, self.logs) = (name, tasks, folder, logs)
    (self.command, self.hasThreads, self.options) = (command, hasThreads, options)
  }

  /// The script. Its argument is added to the array's index, since clusters limit the index and not the number of tasks.
  public var text: String {
    """
    #!/bin/bash
    # Submit tasks 0 to \(tasks.count - 1) by hand: sbatch --array=0-\(tasks.count - 1) THIS-FILE 0
    # The argument is added to the index, for clusters whose MaxArraySize is smaller.
    #SBATCH --job-name=\(name)
    #SBATCH --output=\(logs)/%A_%a.log
    #SBATCH --open-mode=append
    #SBATCH --requeue
    #SBATCH --signal=B:USR1@60
    set -u
    tasks=(
    \(tasks.map { "  \($0)" }.joined(separator: "\n"))
    )
    seeds=${tasks[$((SLURM_ARRAY_TASK_ID + ${1:-0}))]}
    task=${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}
    echo "espalier task $task: seeds $seeds on $(hostname), restart ${SLURM_RESTART_COUNT:-0}"
    cd \(Self.quoted(folder)) || exit 1
    \(command) --seeds "$seeds"\(hasThreads ? "" : " --threads \"${SLURM_CPUS_PER_TASK:-1}\"") &
    child=$!
    # A minute before the time limit: the state of the last epoch is on disk, and the same command resumes there.
    ending=
    trap 'ending=yes; kill -TERM "$child"' USR1
    wait "$child"; status=$?
    while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
    if [ -n "$ending" ] && [ "$status" -ne 0 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 100 ]; then
      echo "espalier task $task: time is up, requeued"
      scontrol requeue "$task"
    fi
    echo "espalier task $task: ended with status $status"
    exit "$status"

    """
  }

  private static func quoted(_ word: String) -> String { "'\(word.replacing("'", with: "'\\''"))'" }

  /// Cuts seeds into tasks of at most `size`.
  public static func tasks(_ seeds: [UInt64], size: Int) -> [String] {
    stride(from: 0, to: seeds.count, by: size).map { SeedList.text(Array(seeds[$0..<min(seeds.count, $0 + size)])) }
  }
}
