/// Hands the gradient of one position of a maximum's window to the first place under it that held the maximum, channel
/// by channel: each place takes what is left, and only the first one that holds the maximum finds something.
///
/// - Parameters:
///   - gradient: (C)
///   - values: (H, W, C), the input.
///   - result: (H, W, C), added to.
///   - width: W.
@inline(__always)
func spreadMaximum(
  _ gradient: UnsafeBufferPointer<Float>, _ values: UnsafeBufferPointer<Float>,
  _ result: UnsafeMutableBufferPointer<Float>, rows: Range<Int>, columns: Range<Int>, width: Int
) {
  let channels = gradient.count
  @inline(__always)
  func forEachPlace(_ body: (_ place: Int) -> Void) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      var place = (row &* width &+ columns.lowerBound) &* channels
      let end = (row &* width &+ columns.upperBound) &* channels
      while place < end {
        body(place)
        place &+= channels
      }
      row &+= 1
    }
  }
  let first = (rows.lowerBound * width + columns.lowerBound) * channels
  forEachFour(of: channels) { channel in
    var largest = values.four(at: first &+ channel)
    forEachPlace { place in
      let value = values.four(at: place &+ channel)
      largest.replace(with: value, where: value .> largest)
    }
    var left = gradient.four(at: channel)
    forEachPlace { place in
      let isLargest = values.four(at: place &+ channel) .== largest
      let share = SIMD4<Float>(repeating: 0).replacing(with: left, where: isLargest)
      result.store(result.four(at: place &+ channel) + share, at: place &+ channel)
      left.replace(with: 0, where: isLargest)
    }
  } rest: { channel in
    var largest = values[first + channel]
    forEachPlace { place in largest = values[place &+ channel] > largest ? values[place &+ channel] : largest }
    var left = gradient[channel]
    forEachPlace { place in
      guard values[place &+ channel] == largest else { return }
      result[place &+ channel] += left
      left = 0
    }
  }
}
