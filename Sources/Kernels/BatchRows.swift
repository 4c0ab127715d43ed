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

/// Gradients with respect to a batch normalisation's output.
private protocol Slopes {
  func lanes(_ place: Int, _ channel: Int) -> Lanes
  func number(_ place: Int, _ channel: Int) -> Float
}

/// As they are.
private struct AllSlopes: Slopes {
  let slopes: UnsafePointer<Float>

  @inline(__always) func lanes(_ place: Int, _ channel: Int) -> Lanes { read(slopes + place) }
  @inline(__always) func number(_ place: Int, _ channel: Int) -> Float { slopes[place] }
}

/// 0 where max(x, 0) lets nothing through of values factors + offsets, each a channel's own.
private struct PassedSlopes: Slopes {
  let slopes: UnsafePointer<Float>, values: UnsafePointer<Float>
  let factors: UnsafePointer<Float>, offsets: UnsafePointer<Float>

  @inline(__always)
  func lanes(_ place: Int, _ channel: Int) -> Lanes {
    let lanes: Lanes = read(slopes + place)
    let scaled: Lanes = read(values + place) * read(factors + channel)
    return lanes.replacing(with: Lanes(), where: .!(scaled + read(offsets + channel) .> Lanes()))
  }

  @inline(__always)
  func number(_ place: Int, _ channel: Int) -> Float {
    values[place] * factors[channel] + offsets[channel] > 0 ? slopes[place] : 0
  }
}

/// sums += slopes, products += slopes (values - centres), over all rows.
///
/// - Parameter factors, offsets: of what max(x, 0) followed, as of `scaleRows`: a slope counts as 0 where it let nothing through;
///   `factors` is nil where it did not follow.
public func addSlopes(
  rows: Int, channels: Int, slopes: UnsafePointer<Float>, values: UnsafePointer<Float>,
  factors: UnsafePointer<Float>?, offsets: UnsafePointer<Float>, centres: UnsafePointer<Float>,
  sums: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>
) {
  if let factors {
    add(
      PassedSlopes(slopes: slopes, values: values, factors: factors, offsets: offsets), rows: rows, channels: channels,
      values, centres, sums, products)
  } else {
    add(AllSlopes(slopes: slopes), rows: rows, channels: channels, values, centres, sums, products)
  }
}

@inline(__always)
private func add(
  _ slopes: some Slopes, rows: Int, channels: Int, _ values: UnsafePointer<Float>, _ centres: UnsafePointer<Float>,
  _ sums: UnsafeMutablePointer<Float>, _ products: UnsafeMutablePointer<Float>
) {
  var start = 0
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let lanes = slopes.lanes(start &+ channel, channel)
      let distance: Lanes = read(values + (start &+ channel)) - read(centres + channel)
      writeLanes(read(sums + channel) + lanes, to: sums + channel)
      writeLanes(read(products + channel) + lanes * distance, to: products + channel)
    } number: { channel in
      let slope = slopes.number(start &+ channel, channel)
      sums[channel] += slope
      products[channel] += slope * (values[start &+ channel] - centres[channel])
    }
    start &+= channels
  }
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

/// result = slopes scales + values others + shifts, each a channel's own.
///
/// - Parameter factors, offsets: as of `addSlopes`.
public func combineRows(
  rows: Int, channels: Int, slopes: UnsafePointer<Float>, values: UnsafePointer<Float>,
  factors: UnsafePointer<Float>?, offsets: UnsafePointer<Float>, scales: UnsafePointer<Float>,
  others: UnsafePointer<Float>, shifts: UnsafePointer<Float>, result: UnsafeMutablePointer<Float>
) {
  if let factors {
    combine(
      PassedSlopes(slopes: slopes, values: values, factors: factors, offsets: offsets), rows: rows, channels: channels,
      values, scales, others, shifts, result)
  } else {
    combine(AllSlopes(slopes: slopes), rows: rows, channels: channels, values, scales, others, shifts, result)
  }
}

@inline(__always)
private func combine(
  _ slopes: some Slopes, rows: Int, channels: Int, _ values: UnsafePointer<Float>, _ scales: UnsafePointer<Float>,
  _ others: UnsafePointer<Float>, _ shifts: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>
) {
  var start = 0
  for _ in 0..<rows {
    forEachChannel(channels) { channel in
      let slope: Lanes = slopes.lanes(start &+ channel, channel) * read(scales + channel)
      let value: Lanes = read(values + (start &+ channel)) * read(others + channel)
      writeLanes(slope + value + read(shifts + channel), to: result + (start &+ channel))
    } number: { channel in
      let slope = slopes.number(start &+ channel, channel) * scales[channel]
      result[start &+ channel] = slope + values[start &+ channel] * others[channel] + shifts[channel]
    }
    start &+= channels
  }
}
