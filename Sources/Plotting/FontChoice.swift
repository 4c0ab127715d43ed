/// Texts in a weight, each letter in the first font that has it: DejaVu Sans, else what fontconfig finds.
///
/// Letters that no font has are kept: they are drawn as an empty box.
final class FontChoice {
  /// A stretch of a text in one font.
  struct Piece {
    var text: String
    var font: CairoFont
  }

  /// The font of nearly all texts.
  let font: CairoFont
  private let weight: Font.Weight
  private var others: [Unicode.Scalar: CairoFont] = [:]
  /// Letters that no font has, in the order in which they were met.
  private(set) var missing: [Character] = []

  init(_ weight: Font.Weight) {
    self.weight = weight
    font = CairoFont(weight)
  }

  /// The text in as few pieces as it takes; one for most.
  func pieces(of text: String) -> [Piece] {
    if font.has(text) { return [Piece(text: text, font: font)] }
    var pieces: [Piece] = []
    for letter in text {
      let font = self.font(for: letter)
      if let last = pieces.last, last.font === font {
        pieces[pieces.count - 1].text.append(letter)
      } else {
        pieces.append(Piece(text: String(letter), font: font))
      }
    }
    return pieces
  }

  func widthInEms(of text: String) -> Double { pieces(of: text).reduce(0) { $0 + $1.font.widthInEms(of: $1.text) } }

  private func font(for letter: Character) -> CairoFont {
    if font.has(String(letter)) { return font }
    // The first of a letter's scalars that the usual font lacks decides.
    guard let scalar = letter.unicodeScalars.first(where: { !font.has(String($0)) }) ?? letter.unicodeScalars.first
    else { return font }
    if let other = others[scalar] { return other }
    if !missing.contains(letter), let other = CairoFont(having: scalar, weight) {
      others[scalar] = other
      return other
    }
    if !missing.contains(letter) { missing.append(letter) }
    return font
  }
}
