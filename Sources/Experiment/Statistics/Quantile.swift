extension Summary {
  /// The number below which a share of the runs lies, between two of the sorted numbers in a straight line.
  ///
  /// Source: definition 7 of Hyndman & Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996.
  /// - Parameter shares: 0...1 each.
  public func quantiles(_ shares: [Double]) -> [Double] {
    let sorted = values.sorted()
    return shares.map { share in
      let place = share * Double(count - 1)
      let below = min(count - 1, max(0, Int(place)))
      let above = min(count - 1, below + 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
  }
}
