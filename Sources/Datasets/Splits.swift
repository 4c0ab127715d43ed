/// One value for each of the four splits: clean and backdoored, validation and test. A split that was not given is nil,
/// and null where it is written.
public struct Splits<Value> {
  /// Clean faces to rank channels and to stop by; the one split that selection may look at.
  public var cleanValid: Value?
  /// Clean faces for evaluation alone.
  public var cleanTest: Value?
  /// Faces wearing the trigger, from where clean validation is from.
  public var backdooredValid: Value?
  /// Faces wearing the trigger, from where clean test is from.
  public var backdooredTest: Value?

  /// The given values; nil for the rest.
  public init(
    cleanValid: Value? = nil, cleanTest: Value? = nil, backdooredValid: Value? = nil, backdooredTest: Value? = nil
  ) {
    self.cleanValid = cleanValid
    self.cleanTest = cleanTest
    self.backdooredValid = backdooredValid
    self.backdooredTest = backdooredTest
  }

  /// The value of one split.
  public subscript(split: Split) -> Value? {
    get {
      switch split {
      case .cleanValid: cleanValid
      case .cleanTest: cleanTest
      case .backdooredValid: backdooredValid
      case .backdooredTest: backdooredTest
      }
    }
    set {
      switch split {
      case .cleanValid: cleanValid = newValue
      case .cleanTest: cleanTest = newValue
      case .backdooredValid: backdooredValid = newValue
      case .backdooredTest: backdooredTest = newValue
      }
    }
  }

  /// The value of one split, and `standard` in its place where there is none.
  public subscript(split: Split, default standard: @autoclosure () -> Value) -> Value {
    get { self[split] ?? standard() }
    set { self[split] = newValue }
  }

  /// The same splits with every value that is there transformed.
  public func map<Result>(_ transform: (Split, Value) throws -> Result) rethrows -> Splits<Result> {
    var result = Splits<Result>()
    for split in Split.allCases { result[split] = try self[split].map { try transform(split, $0) } }
    return result
  }
}

extension Splits: Sendable where Value: Sendable {}
extension Splits: Equatable where Value: Equatable {}

extension Splits: Encodable where Value: Encodable {
  /// Writes null, and not nothing, for a split that was not given.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Split.self)
    for split in Split.allCases { try container.encode(self[split], forKey: split) }
  }
}

extension Splits: Decodable where Value: Decodable {
  /// Reads all four; a missing key is an error, null is not.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Split.self)
    self.init()
    for split in Split.allCases where try !container.decodeNil(forKey: split) {
      self[split] = try container.decode(Value.self, forKey: split)
    }
  }
}

/// The four sets of faces of a study.
public enum Split: String, CaseIterable, CodingKey, Sendable {
  case cleanValid, cleanTest, backdooredValid, backdooredTest

  /// In words, for messages and tables.
  public var title: String {
    switch self {
    case .cleanValid: "clean validation"
    case .cleanTest: "clean test"
    case .backdooredValid: "backdoored validation"
    case .backdooredTest: "backdoored test"
    }
  }

  /// Whether its faces wear the trigger.
  public var isBackdoored: Bool { self == .backdooredValid || self == .backdooredTest }

  /// The option that names its file on the command line.
  public var option: String {
    switch self {
    case .cleanValid: "--clean-valid"
    case .cleanTest: "--clean-test"
    case .backdooredValid: "--backdoored-valid"
    case .backdooredTest: "--backdoored-test"
    }
  }
}
