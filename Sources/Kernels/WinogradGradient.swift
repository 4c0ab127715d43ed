import CProcessor

/// How many vectors of working memory `addWinogradKernelGradient` needs.
public func winogradGradientVectors(_ geometry: convolution_geometry, inputChannels: Int) -> Int {
  let shape = GradientBlocks(geometry, inputChannels)
  return shape.windows &* shape.vectorsPerWindow
}

/// How many sums `addWinogradKernelGradient` adds to: (16, input channels / 4 rounded up, channels / channelsPerTile rounded
/// up, channelsPerTile, 4, 4).
public func winogradGradientSums(_ geometry: convolution_geometry, inputChannels: Int) -> Int {
  let shape = GradientBlocks(geometry, inputChannels)
  return 16 &* shape.inputTiles &* shape.tiles &* Column.count &* 16
}

/// Adds to the gradient of a 3 x 3 kernel, in the form before its last transform: 16 products for nine weights and four
/// outputs, where the sum itself has 36.
///
/// F(3 x 3, 2 x 2) of Lavin & Gray, CVPR 2016, section 4.1, with the roles exchanged: the kernel's gradient is the
/// correlation of the input with the output's gradient, dK = Aᵀ [ Σ (Bᵀ d B) ⊙ (G s Gᵀ) ] A over all windows, where d are
/// the 4 x 4 numbers under the 2 x 2 gradients s. Here G has 1 where that of the paper has 1/2.
///
/// - Parameters:
///   - geometry: of stride 1, a kernel of 3 x 3, and an even height and width; its output laid out as `gradient` is.
///   - groups: how many groups of images.
///   - input: vectors (rows, columns, inputChannels), and `inputStep` vectors on those of the next group.
///   - gradient: vectors (height, output_pitch) with respect to the sums before the activation, and `gradientStep` vectors on
///     those of the next group.
///   - memory: `winogradGradientVectors` vectors.
///   - sums: `winogradGradientSums` floats, over all windows: for each number, input and output channel four that are still to be
///     added up, because the last steps over lanes cost most. What lies beyond the channels is filled with nonsense.
///
/// A block of windows is summed image by image; then images are added in their order, block after block: the same sums for any
/// number of lanes.
public func addWinogradKernelGradient(
  _ geometry: convolution_geometry, inputChannels: Int, groups: Int, input: UnsafePointer<Float>, inputStep: Int,
  gradient: UnsafePointer<Float>, gradientStep: Int, memory: UnsafeMutablePointer<Float>,
  sums: UnsafeMutablePointer<Float>
) {
  let (input, gradient, values) = (vectors(input), vectors(gradient), vectors(memory))
  let shape = GradientBlocks(geometry, inputChannels)
  let slopes = values + 4 &* shape.inputTiles &* 4 &* shape.windows
  let width = geometry.width / 2
  let windows = geometry.height / 2 &* width
  let sumsPerRow = 4 &* shape.inputTiles &* shape.tiles &* Column.count &* 16
  var first = 0
  while first < windows {
    let count = min(shape.windows, windows &- first)
    for step in 0..<4 &* groups {
      let (group, row) = step.quotientAndRemainder(dividingBy: 4)
      let (input, gradient) = (input + group &* inputStep, gradient + group &* gradientStep)
      for place in 0..<count {
        let (y, x) = (first &+ place).quotientAndRemainder(dividingBy: width)
        transformInput(
          input + (2 &* y &* geometry.row_step &+ 2 &* x &* geometry.column_step), row, geometry, inputChannels,
          values + 4 &* place, step: 4 &* count)
        transformGradient(
          gradient + (2 &* y &* geometry.output_pitch &+ 2 &* x &* geometry.channels), row, geometry,
          slopes + Column.count &* place, step: Column.count &* count)
      }
      addProducts(shape, count, UnsafePointer(values), UnsafePointer(slopes), sums + row &* sumsPerRow)
    }
    first &+= count
  }
}

/// How the work is cut: one row of the 4 x 4 transformed numbers, of some windows, at a time.
private struct GradientBlocks {
  let inputTiles: Int, tiles: Int
  /// At a time; the last block may have fewer.
  let windows: Int
  let vectorsPerWindow: Int

  /// What stays in the second-level cache beside the maps.
  private static var mostVectors: Int { @inline(__always) get { 8192 } }

  @inline(__always)
  init(_ geometry: convolution_geometry, _ inputChannels: Int) {
    inputTiles = (inputChannels &+ 3) / 4
    tiles = (geometry.channels &+ Column.count &- 1) / Column.count
    vectorsPerWindow = 4 &* (4 &* inputTiles &+ Column.count &* tiles)
    let all = geometry.height / 2 &* (geometry.width / 2)
    // The cut decides the order of sums, so it knows nothing of the instruction set's tiles.
    let blocks = (all &* 4 &* (inputChannels &+ geometry.channels) &+ Self.mostVectors &- 1) / Self.mostVectors
    windows = max(1, (all &+ blocks &- 1) / max(1, blocks))
  }
}

/// One row of Bᵀ d B for a window and all channels, to its place in (4, tiles, windows, 4); the last tile repeats the last
/// channel.
/// - Parameter step: from one tile to the next.
@inline(__always)
private func transformInput(
  _ input: UnsafePointer<Lanes>, _ row: Int, _ geometry: convolution_geometry, _ channels: Int,
  _ result: UnsafeMutablePointer<Lanes>, step: Int
) {
  let tiles = (channels &+ 3) / 4
  let first = input + (row == 0 ? 0 : row == 2 ? 2 : 1) &* geometry.row_pitch
  let second = input + (row == 3 ? 3 : row == 2 ? 1 : 2) &* geometry.row_pitch
  let adds = row == 1
  var target = result
  for tile in 0..<tiles {
    for place in 0..<4 {
      let channel = min(4 &* tile &+ place, channels &- 1)
      @inline(__always) func column(_ x: Int) -> Lanes {
        let index = channel &+ x &* geometry.column_step
        return adds ? first[index] + second[index] : first[index] - second[index]
      }
      let numbers = differences(column(0), column(1), column(2), column(3))
      let tilesStep = tiles &* step
      target[place] = numbers.0
      target[place &+ tilesStep] = numbers.1
      target[place &+ 2 &* tilesStep] = numbers.2
      target[place &+ 3 &* tilesStep] = numbers.3
    }
    target += step
  }
}

/// One row of G s Gᵀ for a window and all channels, to its place in (4, tiles, windows, channelsPerTile); the last tile
/// repeats the last channel.
/// - Parameter step: from one tile to the next.
@inline(__always)
private func transformGradient(
  _ gradient: UnsafePointer<Lanes>, _ row: Int, _ geometry: convolution_geometry,
  _ result: UnsafeMutablePointer<Lanes>, step: Int
) {
  let channels = geometry.channels
  let tiles = (channels &+ Column.count &- 1) / Column.count
  let below = gradient + geometry.output_pitch
  @inline(__always) func write(_ combined: (Int) -> Lanes) {
    var target = result
    let tilesStep = tiles &* step
    for tile in 0..<tiles {
      for place in 0..<Column.count {
        let channel = min(Column.count &* tile &+ place, channels &- 1)
        let (left, right) = (combined(channel), combined(channel &+ channels))
        target[place] = left
        target[place &+ tilesStep] = left + right
        target[place &+ 2 &* tilesStep] = left - right
        target[place &+ 3 &* tilesStep] = right
      }
      target += step
    }
  }
  switch row {
  case 0: write { gradient[$0] }
  case 1: write { gradient[$0] + below[$0] }
  case 2: write { gradient[$0] - below[$0] }
  default: write { below[$0] }
  }
}

/// For each of the four numbers of a row, every input channel times every output channel, over windows and lanes.
@inline(__always)
private func addProducts(
  _ shape: GradientBlocks, _ windows: Int, _ values: UnsafePointer<Lanes>, _ slopes: UnsafePointer<Lanes>,
  _ sums: UnsafeMutablePointer<Float>
) {
  let slopesPerNumber = shape.tiles &* Column.count &* windows
  var (values, sums) = (values, sums)
  for number in 0..<4 {
    for _ in 0..<shape.inputTiles {
      var slope = slopes + number &* slopesPerNumber
      for _ in 0..<shape.tiles {
        var (p, q, r, s) = (Column(), Column(), Column(), Column())
        var value = values
        for _ in 0..<windows {
          let factors = Column(slope)
          p.add(value[0], times: factors)
          q.add(value[1], times: factors)
          r.add(value[2], times: factors)
          s.add(value[3], times: factors)
          value += 4
          slope += Column.count
        }
        Column.forEachChannel(p, q, r, s) { _, p, q, r, s in
          let target = UnsafeMutableRawPointer(sums).assumingMemoryBound(to: SIMD4<Float>.self)
          addFours(of: p, to: &target[0])
          addFours(of: q, to: &target[1])
          addFours(of: r, to: &target[2])
          addFours(of: s, to: &target[3])
          sums += 16
        }
      }
      values += 4 &* windows
    }
  }
}
