import Files
import NeuralNetwork

/// Reads one layer's settings; every error names the file, the layer and the setting.
struct KerasSettings {
  let layer: KerasLayer
  let location: String
  /// The first number of the version of Keras that wrote the file.
  let generation: Int
  let weights: KerasWeights

  /// Whether maps are (C, H, W) for this layer.
  var isChannelsFirst: Bool {
    get throws {
      let format = layer.settings["data_format"]?.string ?? layer.settings["dim_ordering"]?.string ?? "channels_last"
      switch format {
      case "channels_last", "tf": return false
      case "channels_first", "th": return true
      default: throw error("data_format \(format)", expected: "channels_last or channels_first")
      }
    }
  }

  func has(_ key: String) -> Bool { layer.settings[key].map { $0 != .null } ?? false }

  func window(size: [Int], strides: [Int]) throws -> Window {
    try Window(
      height: size[0], width: size[1], strideY: strides[0], strideX: strides[1], padding: padding())
  }

  func padding() throws -> Window.Padding {
    let name = layer.settings["padding"]?.string ?? layer.settings["border_mode"]?.string ?? "valid"
    guard let padding = Window.Padding(rawValue: name) else {
      throw error("padding \(name)", expected: "valid or same")
    }
    return padding
  }

  func geometry(size: [Int], strides: [Int], dilation: [Int] = [1, 1]) throws -> WindowGeometry {
    try WindowGeometry(
      height: size[0], width: size[1], strideY: strides[0], strideX: strides[1], dilationY: dilation[0],
      dilationX: dilation[1], edge: try padding() == .same ? .same : .valid)
  }

  /// Rows in front, rows behind, columns in front, columns behind: one number, two, or two pairs; or all four, as Keras 1 writes them.
  func margins(_ key: String, default standard: Int) throws -> [Int] {
    let value = layer.settings[key] ?? .integer(standard)
    var parts = value.array ?? [value, value]
    if parts.count == 4 { parts = [.array(Array(parts[..<2])), .array(Array(parts[2...]))] }
    let numbers = parts.flatMap { part in
      part.array.map { $0.compactMap(\.integer) } ?? [part.integer, part.integer].compactMap { $0 }
    }
    guard parts.count == 2, numbers.count == 4, numbers.allSatisfy({ (0..<65_536).contains($0) }) else {
      throw error("\(key) \(describe(value))", expected: "whole numbers of rows and columns")
    }
    return numbers
  }

  /// An axis of one image's value from one that counts the batch as axis 0.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    let own = axis < 0 ? rank + axis : axis - 1
    guard (0..<rank).contains(own) else { throw error("axis \(axis)", expected: "an axis of its inputs but the batch") }
    return own
  }

  /// The axes of a setting.
  func axes(_ key: String = "axis", default standard: JSONValue, rank: Int) throws -> [Int] {
    let value = has(key) ? layer.settings[key] ?? standard : standard
    let axes = (value.array ?? [value]).compactMap(\.integer)
    guard !axes.isEmpty, axes.count == value.array?.count ?? 1 else {
      throw error("\(key) \(describe(value))", expected: "whole numbers")
    }
    return try axes.map { try axis($0, rank: rank) }
  }

  func numbers(_ key: String, default standard: Float) throws -> [Float] {
    guard let value = layer.settings[key], value != .null else { return [standard] }
    let numbers = flat(value).compactMap { $0.number.map { Float($0) } }
    guard numbers.count == flat(value).count, !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else {
      throw error("\(key) \(describe(value))", expected: "numbers")
    }
    return numbers
  }

  /// Lists in lists, and the arrays that Keras 3 wraps, as one list.
  private func flat(_ value: JSONValue) -> [JSONValue] {
    if let inner = value["config"]?["value"] { return flat(inner) }
    return value.array?.flatMap(flat) ?? [value]
  }

  /// An array of the layer, whose shape has been found right.
  func weight(_ name: String, _ shape: [Int]) throws -> [Float] {
    let place = "\(layer.name)/\(name)"
    guard let weight = weights[name] else {
      throw InputError(location, found: "no \(place)", expected: "shape \(tuple(shape))")
    }
    // Read behind this check alone: an array that the layer has no use for may be of any size.
    guard weight.shape == shape else {
      throw InputError(location, found: "\(place) has shape \(tuple(weight.shape))", expected: tuple(shape))
    }
    let values = try weight.read()
    guard values.allSatisfy(\.isFinite) else {
      throw InputError(location, found: "\(place) has a weight that is not finite", expected: "finite numbers")
    }
    return values
  }

  func integer(_ keys: String..., default standard: Int? = nil) throws -> Int {
    let value = keys.lazy.compactMap { layer.settings[$0] }.first ?? standard.map(JSONValue.integer) ?? .null
    guard let integer = value.integer, integer < 1 << 20, integer > -1 << 20 else {
      throw error("\(keys[0]) \(describe(value))", expected: "a whole number")
    }
    return integer
  }

  func number(_ keys: String..., default standard: Double) throws -> Double {
    guard let key = keys.first(where: has), let value = layer.settings[key] else { return standard }
    guard let number = value.number ?? (value["config"]?["value"]?.number), Float(number).isFinite else {
      throw error("\(key) \(describe(value))", expected: "a number")
    }
    return number
  }

  func flag(_ keys: String..., default standard: Bool) throws -> Bool {
    guard let key = keys.first(where: { layer.settings[$0] != nil }), let value = layer.settings[key] else {
      return standard
    }
    guard let flag = value.bool else { throw error("\(key) \(describe(value))", expected: "true or false") }
    return flag
  }

  func pair(_ key: String, or other: String? = nil, default standard: Int?) throws -> [Int] {
    let own = layer.settings[key].flatMap { $0 == .null && standard != nil ? nil : $0 }
    guard let value = own ?? other.flatMap({ layer.settings[$0] }) ?? standard.map(JSONValue.integer) else {
      throw error("no \(key)", expected: "two whole numbers")
    }
    let numbers = value.array.map { $0.compactMap(\.integer) } ?? Array(repeating: value.integer ?? 0, count: 2)
    guard numbers.count == 2, numbers.allSatisfy({ (1...65_536).contains($0) }) else {
      throw error("\(key) \(describe(value))", expected: "two whole numbers in 1...65536")
    }
    return numbers
  }

  func error(_ found: String, expected: String) -> InputError {
    let className = layer.className.hasPrefix("ops.") ? String(layer.className.dropFirst(4)) : layer.className
    return InputError("\(location): \(layer.name) (\(className))", found: found, expected: expected)
  }

  func describe(_ value: JSONValue?) -> String {
    let text = value?.text ?? "nothing"
    return text.count > 60 ? text.prefix(60) + "…" : text
  }
}
