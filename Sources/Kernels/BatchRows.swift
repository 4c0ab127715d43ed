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
public func addSlopes(
  rows: Int, channels: Int, slopes: UnsafePointer<Float>, values: UnsafePointer<Float>,
  centres: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>
) {
  var (row, slope) = (values, slopes)
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let lanes: Lanes = read(slope + channel)
      let distance: Lanes = read(row + channel) - read(centres + channel)
      writeLanes(read(sums + channel) + lanes, to: sums + channel)
      writeLanes(read(products + channel) + lanes * distance, to: products + channel)
    } number: { channel in
      sums[channel] += slope[channel]
      products[channel] += slope[channel] * (row[channel] - centres[channel])
    }
    row += channels
    slope += channels
  }
}

/// result = values factors + offsets, each factor and offset a channel's own.
public func scaleRows(
  rows: Int, channels: Int, values: UnsafePointer<Float>, factors: UnsafePointer<Float>,
  offsets: UnsafePointer<Float>, result: UnsafeMutablePointer<Float>
) {
  var (row, target) = (values, result)
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let scaled: Lanes = read(row + channel) * read(factors + channel)
      writeLanes(scaled + read(offsets + channel), to: target + channel)
    } number: { channel in
      target[channel] = row[channel] * factors[channel] + offsets[channel]
    }
    row += channels
    target += channels
  }
}

/// slopes = slopes factors + values others + offsets, each a channel's own.
public func combineRows(
  rows: Int, channels: Int, slopes: UnsafeMutablePointer<Float>, factors: UnsafePointer<Float>,
  values: UnsafePointer<Float>, others: UnsafePointer<Float>, offsets: UnsafePointer<Float>
) {
  var (row, target) = (values, slopes)
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let slope: Lanes = read(target + channel) * read(factors + channel)
      let value: Lanes = read(row + channel) * read(others + channel)
      writeLanes(slope + value + read(offsets + channel), to: target + channel)
    } number: { channel in
      target[channel] = target[channel] * factors[channel] + row[channel] * others[channel] + offsets[channel]
    }
    row += channels
    target += channels
  }
}
