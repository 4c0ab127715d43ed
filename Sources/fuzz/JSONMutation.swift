import ModelFiles
import NeuralNetwork

/// Changes one place of a JSON tree: what is there becomes another kind, another number, a copy of itself or nothing.
struct JSONMutation {
  let words: [String]

  private static let numbers: [JSONValue] =
    [-1, 0, 1, 2, 3, 7, 8, 255, 4096, 65_536, 65_537, 1 << 20, 1 << 28, 1 << 31, 1 << 32, .max, .min].map {
      .integer($0)
    } + [0.5, -0.5, 1e18, 1e19, 1e300, -1e300, 2.2250738585072014e-308, 2.000001].map { .number($0) }

  func mutated(_ value: JSONValue, using random: inout SeededGenerator) -> JSONValue {
    // A place is chosen evenly, so that deep ones come as often as they are many.
    var place = random.integer(below: size(value))
    return changed(value, at: &place, using: &random)
  }

  private func size(_ value: JSONValue) -> Int {
    switch value {
    case .array(let values): 1 + values.reduce(0) { $0 + size($1) }
    case .object(let members): 1 + members.values.reduce(0) { $0 + size($1) }
    default: 1
    }
  }

  private func changed(_ value: JSONValue, at place: inout Int, using random: inout SeededGenerator) -> JSONValue {
    if place == 0 {
      place = -1
      return replacement(of: value, using: &random)
    }
    place -= 1
    switch value {
    case .array(var values):
      for index in values.indices where place >= 0 {
        values[index] = changed(values[index], at: &place, using: &random)
      }
      return .array(values)
    case .object(var members):
      for key in members.keys.sorted() where place >= 0 {
        members[key] = members[key].map { changed($0, at: &place, using: &random) }
      }
      return .object(members)
    default: return value
    }
  }

  private func replacement(of value: JSONValue, using random: inout SeededGenerator) -> JSONValue {
    switch value {
    case .array(var values) where random.integer(below: 4) > 0 && !values.isEmpty:
      let index = random.integer(below: values.count)
      switch random.integer(below: 5) {
      case 0: values.remove(at: index)
      case 1: values.insert(values[index], at: random.integer(below: values.count))
      case 2: values.swapAt(index, random.integer(below: values.count))
      case 3: values += Array(repeating: values[index], count: random.element(of: [1, 30, 600]))
      default: values.removeAll()
      }
      return .array(values)
    case .object(var members) where random.integer(below: 4) > 0 && !members.isEmpty:
      let keys = members.keys.sorted()
      let (key, other) = (random.element(of: keys), random.element(of: keys))
      switch random.integer(below: 3) {
      case 0: members[key] = nil
      case 1: members[key] = members[other]
      default: members[random.element(of: words)] = members[key]
      }
      return .object(members)
    case .integer(let number) where random.integer(below: 2) == 0:
      return .integer(number &+ random.integer(below: 9) &- 4)
    case .string where random.integer(below: 4) > 0: return .string(random.element(of: words))
    case .bool(let truth) where random.integer(below: 2) == 0: return .bool(!truth)
    default: break
    }
    switch random.integer(below: 8) {
    case 0: return .null
    case 1: return .bool(random.integer(below: 2) == 0)
    case 2: return .string(random.element(of: words + ["", "\u{0}", "a/b", "..", "é\u{301}", "x\n"]))
    case 3: return .array([value])
    case 4: return .object([random.element(of: words): value])
    case 5: return (0..<random.element(of: [3, 100, 500])).reduce(value) { inner, _ in .array([inner]) }
    default: return random.element(of: Self.numbers)
    }
  }
}
