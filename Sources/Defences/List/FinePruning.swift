extension Defence {
  /// Liu, Dolan-Gavitt & Garg, RAID 2018, section 3.3: pruning, and then tuning on clean images.
  public static let finePruning = Defence(
    name: "fine-pruning", summary: "prunes as `pruning` does and then trains the rest on clean images",
    paper: """
      Liu, Dolan-Gavitt and Garg, Fine-pruning: defending against backdooring attacks on deep neural networks, RAID 2018, \
      section 3.3
      """,
    deviation: """
      tunes with statistics of normalisations as they are and gradients of norm 1 at most, and keeps the epoch that is best on images held back from \
      tuning, the latest of equal ones
      """,
    usesSeed: true, settings: CleanTuning.settings
  ) { values in Parts(ranking: ActivationRanking(), tuning: CleanTuning(values)) }
}
