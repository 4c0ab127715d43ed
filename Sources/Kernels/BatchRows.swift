// Batch normalisation over maps as they lie, (rows, channels): sums over rows channel by channel, in the order of the rows, with
// the channels of a row side by side in vectors, so that every instruction set has the same bits.

/// Calls `lanes` for every whole vector of a row, then `number` for what is left.
@inline(__always)
private func forEachChannel(_ channels: Int, lanes: (Int) -> Void, number: (Int) -> Void) {
  var channel = 0
  while channel &+ laneCount <= channels {
    lanes(channel)
    channel &+= laneCount
  }
  while channel < channels {
    number(channel)
    channel &+= 1
  }
}

/// sums += values, over all rows.
public func addRows(rows: Int, channels: Int, values: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>) {
  var row = values
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      writeLanes(read(sums + channel) + read(row + channel), to: sums + channel)
    } number: { channel in
      sums[channel] += row[channel]
    }
    row += channels
  }
}

/// sums += (values - centres)², over all rows.
public func addSquares(
  rows: Int, channels: Int, values: UnsafePointer<Float>, centres: UnsafePointer<Float>,
  sums: UnsafeMutablePointer<Float>
) {
  var row = values
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let distance: Lanes = read(row + channel) - read(centres + channel)
      writeLanes(read(sums + channel) + distance * distance, to: sums + channel)
    } number: { channel in
      let distance = row[channel] - centres[channel]
      sums[channel] += distance * distance
    }
    row += channels
  }
}

/// sums += slopes, products += slopes (values - centres), over all rows.
///
/// - Parameter mask: numbers beside the slopes, which count as 0 where these are not positive; nil for none.
public func addSlopes(
  rows: Int, channels: Int, slopes: UnsafePointer<Float>, mask: UnsafePointer<Float>?, values: UnsafePointer<Float>,
  centres: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>
) {
  var start = 0
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let lanes = passed(slopes, mask, start &+ channel)
      let distance: Lanes = read(values + (start &+ channel)) - read(centres + channel)
      writeLanes(read(sums + channel) + lanes, to: sums + channel)
      writeLanes(read(products + channel) + lanes * distance, to: products + channel)
    } number: { channel in
      let slope = passedNumber(slopes, mask, start &+ channel)
      sums[channel] += slope
      products[channel] += slope * (values[start &+ channel] - centres[channel])
    }
    start &+= channels
  }
}

@inline(__always)
private func passed(_ slopes: UnsafePointer<Float>, _ mask: UnsafePointer<Float>?, _ place: Int) -> Lanes {
  let lanes: Lanes = read(slopes + place)
  guard let mask else { return lanes }
  let masks: Lanes = read(mask + place)
  return lanes.replacing(with: Lanes(), where: .!(masks .> Lanes()))
}

@inline(__always)
private func passedNumber(_ slopes: UnsafePointer<Float>, _ mask: UnsafePointer<Float>?, _ place: Int) -> Float {
  guard let mask else { return slopes[place] }
  return mask[place] > 0 ? slopes[place] : 0
}

/// result = values factors + offsets, each factor and offset a channel's own, then other numbers and max(x, 0), as requested.
public func scaleRows(
  rows: Int, channels: Int, values: UnsafePointer<Float>, factors: UnsafePointer<Float>,
  offsets: UnsafePointer<Float>, added: UnsafePointer<Float>?, rectified: Bool, result: UnsafeMutablePointer<Float>
) {
  var start = 0
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let place = start &+ channel
      let scaled: Lanes = read(values + place) * read(factors + channel)
      var sum = scaled + read(offsets + channel)
      if let added { sum += read(added + place) }
      writeLanes(rectified ? positive(sum) : sum, to: result + place)
    } number: { channel in
      let place = start &+ channel
      var sum = values[place] * factors[channel] + offsets[channel]
      if let added { sum += added[place] }
      result[place] = rectified ? (sum > 0 ? sum : 0) : sum
    }
    start &+= channels
  }
}

/// result = slopes factors + values others + offsets, each a channel's own.
///
/// - Parameter mask: as in `addSlopes`.
public func combineRows(
  rows: Int, channels: Int, slopes: UnsafePointer<Float>, mask: UnsafePointer<Float>?, factors: UnsafePointer<Float>,
  values: UnsafePointer<Float>, others: UnsafePointer<Float>, offsets: UnsafePointer<Float>,
  result: UnsafeMutablePointer<Float>
) {
  var start = 0
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let slope: Lanes = passed(slopes, mask, start &+ channel) * read(factors + channel)
      let value: Lanes = read(values + (start &+ channel)) * read(others + channel)
      writeLanes(slope + value + read(offsets + channel), to: result + (start &+ channel))
    } number: { channel in
      let slope = passedNumber(slopes, mask, start &+ channel) * factors[channel]
      result[start &+ channel] = slope + values[start &+ channel] * others[channel] + offsets[channel]
    }
    start &+= channels
  }
}
