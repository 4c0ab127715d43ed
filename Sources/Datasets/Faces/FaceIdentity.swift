import NeuralNetwork
import Plotting

/// What stays the same in all pictures of one drawn person.
///
/// Lengths are in face units: an average head is 33 wide, its top 20 above the eyes and its chin 26 below them. Factors
/// multiply what an average face has. All numbers are drawn uniformly from the ranges given.
public struct FaceIdentity: Equatable, Sendable {
  /// How the hair is cut, or what covers it.
  public enum Hair: String, Sendable, CaseIterable {
    case bald, ring, cropped, short, parted, swept, curly, fringe, bob, long, scarf
  }

  /// Hair on the lower face.
  public enum Beard: String, Sendable, CaseIterable {
    case none, stubble, moustache, goatee, full
  }

  /// Skin's colour.
  public let skin: Color
  /// Width of the head, 0.88...1.08.
  public let width: Double
  /// Distance from the eyes to the chin, 0.92...1.08.
  public let length: Double
  /// From a pointed jaw, 0, to a square one, 1.
  public let jaw: Double
  /// How far the ears stand out, 0...1.
  public let ears: Double

  /// How the hair is cut.
  public let hair: Hair
  /// The hair's colour, or the scarf's.
  public let hairColor: Color
  /// How thick the hair is, 0...1.
  public let hairVolume: Double
  /// Height of the forehead, 0 (low)...1 (high).
  public let forehead: Double
  /// Where the hair is parted, -1 (viewer's left)...1.
  public let parting: Double

  /// Colour of the brows.
  public let browColor: Color
  /// The brows' thickness, 0.8...2.2.
  public let browThickness: Double
  /// The brows' distance above the eyes, 4...6.2.
  public let browHeight: Double
  /// How far the brows' outer ends are above the inner ones, -1.2...1.2.
  public let browTilt: Double

  /// Half the distance between the eyes, 6.6...8.6.
  public let eyeSpacing: Double
  /// Half an eye's width, 2.3...3.5.
  public let eyeWidth: Double
  /// An eye's height over its width, 0.38...0.68.
  public let eyeRoundness: Double
  /// How far the eyes' outer corners are above the inner ones, -0.6...0.8.
  public let eyeTilt: Double
  /// The iris's colour.
  public let iris: Color
  /// Strength of the upper lid's line, 0...1.
  public let lashes: Double

  /// Half the nose's width, 2...3.9.
  public let noseWidth: Double
  /// Distance from the eyes to the nose's tip, 8.6...11.6.
  public let noseLength: Double

  /// Half the mouth's width, 4.2...6.8.
  public let mouthWidth: Double
  /// Distance from the nose's tip to the mouth, 5.4...7.4.
  public let mouthDrop: Double
  /// Thickness of the lips, 0.7...2.1.
  public let lips: Double
  /// Colour of the lips.
  public let lipColor: Color

  /// Hair on the lower face.
  public let beard: Beard
  /// Lines from nose to mouth and under the eyes, 0...1.
  public let wrinkles: Double
  /// Colour in the cheeks, 0...1.
  public let blush: Double

  /// Colour of the clothes.
  public let clothes: Color
  /// Colours of the usual background, at its top and at its bottom.
  public let background: [Color]

  /// A person drawn at random.
  public init(using random: inout SeededGenerator) {
    let tone = random.uniform()
    skin = FaceColors.skin(tone: tone, using: &random)
    width = random.uniform(in: 0.88..<1.08)
    length = random.uniform(in: 0.92..<1.08)
    jaw = random.uniform()
    ears = random.uniform()

    hair = random.element(of: Hair.allCases)
    let natural = FaceColors.hair(skinTone: tone, using: &random)
    let fabric = FaceColors.fabric(using: &random)
    hairColor = hair == .scarf ? fabric : natural
    hairVolume = random.uniform()
    forehead = random.uniform()
    parting = random.uniform(in: -1..<1)

    browColor = natural.mixed(with: Color(hex: 0x201814), random.uniform(in: 0.25..<0.7))
    browThickness = random.uniform(in: 0.8..<2.2)
    browHeight = random.uniform(in: 4..<6.2)
    browTilt = random.uniform(in: -1.2..<1.2)

    eyeSpacing = random.uniform(in: 6.6..<8.6)
    eyeWidth = random.uniform(in: 2.3..<3.5)
    eyeRoundness = random.uniform(in: 0.38..<0.68)
    eyeTilt = random.uniform(in: -0.6..<0.8)
    iris = FaceColors.iris(skinTone: tone, using: &random)
    lashes = random.uniform()

    noseWidth = random.uniform(in: 2..<3.9)
    noseLength = random.uniform(in: 8.6..<11.6)

    mouthWidth = random.uniform(in: 4.2..<6.8)
    mouthDrop = random.uniform(in: 5.4..<7.4)
    lips = random.uniform(in: 0.7..<2.1)
    lipColor = skin.mixed(with: Color(hex: 0x9C2B36), random.uniform(in: 0.3..<0.75))

    // Styles that are mostly women's come without a beard; of the others two in three have one.
    let growsBeard = random.uniform() < 0.67
    let grown = random.element(of: Beard.allCases.filter { $0 != .none })
    beard = growsBeard && ![.fringe, .bob, .long, .scarf].contains(hair) ? grown : .none
    wrinkles = random.uniform()
    blush = random.uniform()

    clothes = FaceColors.fabric(using: &random)
    background = FaceColors.background(using: &random)
  }
}

extension SeededGenerator {
  /// One of the elements, each as likely as the others.
  mutating func element<Element>(of elements: [Element]) -> Element {
    elements[integer(below: elements.count)]
  }
}
