/// The scale of pixels as people write it.
package enum ScaleText {
  /// `1`, `1/255`, or the shortest decimal number that is this scale.
  package static func of(_ scale: Double) -> String {
    if scale == scale.rounded(), abs(scale) < 1e15 { return "\(Int(scale))" }
    let inverse = (1 / scale).rounded()
    return inverse > 1 && inverse < 1e9 && 1 / inverse == scale ? "1/\(Int(inverse))" : "\(scale)"
  }
}
