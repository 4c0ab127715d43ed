/// How a window with gaps moves over a feature map with any amount of padding.
public struct WindowGeometry: Equatable, Sendable {
  /// What lies beyond the edge.
  public enum Edge: Equatable, Sendable {
    case valid
    /// ceil(extent / stride) positions, the odd row of padding at the end, or in front.
    case same, sameLower
    /// Rows and columns of padding, which may differ on all four sides.
    case explicit(top: Int, left: Int, bottom: Int, right: Int)
  }

  /// Height and width of the window, counted without gaps.
  public let height: Int, width: Int
  /// Vertical and horizontal steps.
  public let strideY: Int, strideX: Int
  /// The distance between neighbouring taps; 1 for no gaps.
  public let dilationY: Int, dilationX: Int
  /// What lies beyond the edge.
  public let edge: Edge
  /// Whether a last window that reaches beyond the padding counts.
  public let roundsUp: Bool

  /// - Throws: `NetworkError` where a size, stride or dilation is not in 1...65,536, or padding not in 0...65,536.
  public init(
    height: Int, width: Int, strideY: Int = 1, strideX: Int = 1, dilationY: Int = 1, dilationX: Int = 1,
    edge: Edge = .valid, roundsUp: Bool = false
  ) throws {
    for extent in [height, width, strideY, strideX, dilationY, dilationX] where !(1...65_536).contains(extent) {
      throw NetworkError("window", found: "a size, stride or dilation of \(extent)", expected: "1...65536")
    }
    if case .explicit(let top, let left, let bottom, let right) = edge,
      let wrong = [top, left, bottom, right].first(where: { !(0...65_536).contains($0) })
    {
      throw NetworkError("window", found: "padding of \(wrong)", expected: "0...65536")
    }
    (self.height, self.width, self.strideY, self.strideX) = (height, width, strideY, strideX)
    (self.dilationY, self.dilationX, self.edge, self.roundsUp) = (dilationY, dilationX, edge, roundsUp)
  }

  /// Rows and columns that the window reaches over, gaps included.
  public var reachY: Int { (height - 1) * dilationY + 1 }
  /// See `LayerOperation`.
  public var reachX: Int { (width - 1) * dilationX + 1 }
  /// Taps of the window.
  var taps: Int { height * width }

  /// Where the windows lie: positions, and the padding on all sides.
  struct Placement {
    let height: Int, width: Int
    let top: Int, left: Int, bottom: Int, right: Int
  }

  /// - Parameter input: (H, W, C)
  func placement(over input: Shape) throws -> Placement {
    var edges = (top: 0, left: 0, bottom: 0, right: 0)
    if case .explicit(let top, let left, let bottom, let right) = edge { edges = (top, left, bottom, right) }
    let rows = try positions(input.dimensions[0], reachY, strideY, edges.top, edges.bottom)
    let columns = try positions(input.dimensions[1], reachX, strideX, edges.left, edges.right)
    return Placement(
      height: rows.count, width: columns.count, top: rows.before, left: columns.before, bottom: rows.after,
      right: columns.after)
  }

  private func positions(
    _ extent: Int, _ reach: Int, _ stride: Int, _ before: Int, _ after: Int
  ) throws -> (count: Int, before: Int, after: Int) {
    switch edge {
    case .same, .sameLower:
      let count = (extent + stride - 1) / stride
      let padding = max(0, (count - 1) * stride + reach - extent)
      let less = padding / 2
      return edge == .same ? (count, less, padding - less) : (count, padding - less, less)
    case .valid, .explicit:
      let room = extent + before + after - reach
      guard room >= 0 else {
        throw NetworkError(
          "window", found: "an input of \(extent + before + after) pixels", expected: "at least \(reach)")
      }
      guard roundsUp else { return (room / stride + 1, before, after) }
      let count = (room + stride - 1) / stride + 1
      // A last window that lies in the padding alone sees nothing. Source: PyTorch, pooling with ceil_mode.
      return ((count - 1) * stride >= extent + before ? count - 1 : count, before, after)
    }
  }
}

/// The patches under a window with gaps, of some channels of a map, one a row.
struct DilatedPatches {
  let geometry: WindowGeometry
  /// The map, (H, W, C).
  let map: Shape
  /// Positions of the window.
  let height: Int, width: Int
  /// Padding above and left of the map.
  let top: Int, left: Int

  init(_ geometry: WindowGeometry, over map: Shape) throws {
    let placement = try geometry.placement(over: map)
    self.init(
      geometry, map: map, height: placement.height, width: placement.width, top: placement.top, left: placement.left)
  }

  init(_ geometry: WindowGeometry, map: Shape, height: Int, width: Int, top: Int, left: Int) {
    (self.geometry, self.map, self.height, self.width) = (geometry, map, height, width)
    (self.top, self.left) = (top, left)
  }

  var rows: Int { height * width }

  /// - Parameter matrix: (rows, taps x channels.count); what lies beyond the edge becomes 0.
  func gather(
    _ image: UnsafePointer<Float>, channels: Range<Int>, into matrix: UnsafeMutablePointer<Float>
  ) {
    let count = channels.count
    visit { row, tap, position in
      let target = matrix + (row * geometry.taps + tap) * count
      if let position {
        target.update(from: image + position * map.channels + channels.lowerBound, count: count)
      } else {
        target.update(repeating: 0, count: count)
      }
    }
  }

  /// The transpose of `gather`.
  func scatter(
    _ matrix: UnsafePointer<Float>, channels: Range<Int>, addingTo image: UnsafeMutablePointer<Float>
  ) {
    let count = channels.count
    visit { row, tap, position in
      guard let position else { return }
      let (target, source) = (
        image + position * map.channels + channels.lowerBound, matrix + (row * geometry.taps + tap) * count
      )
      for index in 0..<count { target[index] += source[index] }
    }
  }

  /// Calls `body` with a position of the window, a tap of it, and the position of the map under that; nil beyond the edge.
  @inline(__always)
  func visit(_ body: (_ row: Int, _ tap: Int, _ position: Int?) -> Void) {
    let (mapHeight, mapWidth) = (map.dimensions[0], map.dimensions[1])
    for y in 0..<height {
      for x in 0..<width {
        for dy in 0..<geometry.height {
          let mapY = y * geometry.strideY + dy * geometry.dilationY - top
          for dx in 0..<geometry.width {
            let mapX = x * geometry.strideX + dx * geometry.dilationX - left
            let isInside = mapY >= 0 && mapY < mapHeight && mapX >= 0 && mapX < mapWidth
            body(y * width + x, dy * geometry.width + dx, isInside ? mapY * mapWidth + mapX : nil)
          }
        }
      }
    }
  }
}
