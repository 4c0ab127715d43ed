/// Everything that a run of the benchmark found; the report and the figure are made from it.
struct Results {
  let machine: Machine
  let workload: Workload
  let threads: Int
  let repeats: Int
  /// The other frameworks that were measured, with their versions, and a line for each that was not.
  let peers: [String], missing: [String]
  var speed: [SpeedCase] = []
  var pruning: ProgramCases.Pruning?
  var byImages: [ScalingCase.Row] = []
  var byChannels: [ScalingCase.Row] = []
  var byThreads: [ScalingCase.Row] = []
  var exactness: [Exactness] = []
  /// Sentences that say whether the others compute the same.
  var checks: [String] = []
  var disassembly: Disassembly?

  var comparisons: [Comparison] { speed.flatMap(\.comparisons) }
}
