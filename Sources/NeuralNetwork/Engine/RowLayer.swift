/// A layer packed for maps as they lie, (N, H, W, C).
protocol RowLayer: Sendable {
  /// - Returns: (N, H, W, filters)
  func forward(_ images: Tensor, finish: RowFinish, threads: Int) -> Tensor
}

/// What follows a layer and is computed with it.
struct RowFinish: Sendable {
  /// A map to add.
  var added: Tensor?
  /// Of the max(x, 0) that comes last; infinite for none, nil where nothing does.
  var ceiling: Float?

  var rectifies: Bool { ceiling != nil }
}
