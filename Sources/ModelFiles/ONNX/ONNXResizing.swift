import Files
import NeuralNetwork

/// Enlarging and shrinking of maps. Source: ONNX, Resize; Upsample is its case of asymmetric places.
extension ONNXTranslation {
  func resizing(_ node: ONNXNode) throws -> ONNXImages {
    let x = try map(node.images(0), for: node)
    let extents = Array(graph.shapes[x.node].dimensions[0..<2])
    let isOld = node.type == "Upsample" || node.opset < 11
    let (size, scales) = try target(extents, isOld: isOld, x, node)
    for key in ["antialias", "exclude_outside"] where node.flag(key, default: false) {
      throw node.error("\(key) 1", expected: "0")
    }
    let transformation = isOld ? "asymmetric" : node.text("coordinate_transformation_mode", default: "half_pixel")
    func place(_ axis: Int) throws -> (Int) -> Float {
      let (extent, count, scale) = (Float(extents[axis]), Float(size[axis]), scales[axis])
      switch transformation {
      case "asymmetric": return { Float($0) / scale }
      case "half_pixel": return { (Float($0) + 0.5) / scale - 0.5 }
      case "half_pixel_symmetric":
        let offset = extent / 2 * (1 - count / (scale * extent))
        return { offset + (Float($0) + 0.5) / scale - 0.5 }
      case "pytorch_half_pixel": return { count > 1 ? (Float($0) + 0.5) / scale - 0.5 : 0 }
      case "tf_half_pixel_for_nn": return { (Float($0) + 0.5) / scale }
      case "align_corners": return { count > 1 ? Float($0) * (extent - 1) / (count - 1) : 0 }
      default:
        throw node.error(
          "coordinate_transformation_mode \(transformation)", expected: "half_pixel, align_corners or asymmetric")
      }
    }
    let places = try [place(0), place(1)]
    switch node.text("mode", default: "nearest") {
    case "nearest":
      let rounding = isOld ? "floor" : node.text("nearest_mode", default: "round_prefer_floor")
      let rule: FloatingPointRoundingRule
      let shift: Float
      switch rounding {
      case "floor": (rule, shift) = (.down, 0)
      case "ceil": (rule, shift) = (.up, 0)
      case "round_prefer_floor": (rule, shift) = (.up, -0.5)
      case "round_prefer_ceil": (rule, shift) = (.down, 0.5)
      default: throw node.error("nearest_mode \(rounding)", expected: "floor, ceil or round_prefer_floor")
      }
      let lists = [0, 1].map { axis in
        (0..<size[axis]).map { index in
          Int(min(max((places[axis](index) + shift).rounded(rule), 0), Float(extents[axis] - 1)))
        }
      }
      return try keep(Selection([lists[0], lists[1], nil]).layer, x, node)
    case "linear", "bilinear":
      let taps = [0, 1].map { axis in
        Resampling.linear(from: extents[axis], to: size[axis]) { Double(places[axis]($0)) }
      }
      return try keep(Resampling(rows: taps[0], columns: taps[1]).layer, x, node)
    case "cubic":
      let a = Double(node.number("cubic_coeff_a", default: -0.75))
      let taps = [0, 1].map { axis in
        Resampling.cubic(from: extents[axis], to: size[axis], a: a) { Double(places[axis]($0)) }
      }
      return try keep(Resampling(rows: taps[0], columns: taps[1]).layer, x, node)
    case let other: throw node.error("mode \(other)", expected: "nearest, linear or cubic")
    }
  }

  /// Height and width, and what the places are divided by.
  private func target(
    _ extents: [Int], isOld: Bool, _ x: ONNXImages, _ node: ONNXNode
  ) throws -> (size: [Int], scales: [Float]) {
    let all = self.extents(of: x)
    let axes = try node.axes(node.integers("axes") ?? [0, 1, 2, 3], rank: 4)
    let scales = isOld ? try node.constantIfGiven(1)?.reals ?? node.attribute("scales")?.floats : try scales(node)
    func error(_ found: String) -> InputError {
      node.error(found, expected: "height and width in 1...65536 alone, \(axes.count) numbers")
    }
    var size = extents
    var factors: [Float] = [1, 1]
    if let scales, !scales.isEmpty {
      guard scales.count == axes.count else { throw error("\(scales.count) scales") }
      for (axis, scale) in zip(axes, scales) {
        guard axis > 1 else {
          guard scale == 1 else { throw error("scale \(scale) of axis \(axis)") }
          continue
        }
        let extent = (Float(all[axis]) * scale).rounded(.down)
        guard scale > 0, (1...65_536).contains(extent) else { throw error("scale \(scale)") }
        (size[axis - 2], factors[axis - 2]) = (Int(extent), scale)
      }
      return (size, factors)
    }
    guard !isOld, node.has(3) else { throw error("no scales or sizes") }
    let sizes = try node.integers(3)
    guard sizes.count == axes.count else { throw error("\(sizes.count) sizes") }
    for (axis, extent) in zip(axes, sizes) {
      guard axis > 1 else {
        guard extent == all[axis] else { throw error("size \(extent) of axis \(axis)") }
        continue
      }
      guard (1...65_536).contains(extent) else { throw error("size \(extent)") }
      (size[axis - 2], factors[axis - 2]) = (extent, Float(extent) / Float(all[axis]))
    }
    switch node.text("keep_aspect_ratio_policy", default: "stretch") {
    case "stretch": break
    case let policy where ["not_larger", "not_smaller"].contains(policy) && axes.allSatisfy({ $0 > 1 }):
      let own = axes.map { factors[$0 - 2] }
      let scale = (policy == "not_larger" ? own.min() : own.max()) ?? 1
      for axis in axes {
        let extent = (scale * Float(all[axis])).rounded()
        guard (1...65_536).contains(extent) else { throw error("size \(extent)") }
        (size[axis - 2], factors[axis - 2]) = (Int(extent), scale)
      }
    case let policy: throw node.error("keep_aspect_ratio_policy \(policy)", expected: "stretch")
    }
    return (size, factors)
  }

  private func scales(_ node: ONNXNode) throws -> [Float]? { try node.constantIfGiven(2)?.reals }
}
