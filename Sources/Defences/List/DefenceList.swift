extension Defence {
  /// Every defence that is known here. A new one is one file beside this one, and its line.
  public static let all: [Defence] = [
    .pruning,
    .finePruning,
    .clp,
    .bnp,
    .anp,
    .rnp,
    .taylor,
    .weightNorm,
    .random,
  ]
}
