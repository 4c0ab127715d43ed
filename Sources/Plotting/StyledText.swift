/// A line of text in parts that may differ in colour and weight.
public struct StyledText: Equatable, Sendable, ExpressibleByStringLiteral {
  /// A stretch of one colour and weight.
  public struct Run: Equatable, Sendable {
    /// The letters.
    public var text: String
    /// Their colour.
    public var color: Color
    /// Their weight.
    public var weight: Font.Weight

    /// A run, dark and regular unless told.
    public init(_ text: String, color: Color = Color(gray: 0.15), weight: Font.Weight = .regular) {
      self.text = text
      self.color = color
      self.weight = weight
    }
  }

  /// The parts, from left to right; spaces between them are part of them.
  public var runs: [Run]

  /// A line from its parts.
  public init(_ runs: [Run]) { self.runs = runs }

  /// A line of one colour and weight.
  public init(_ text: String, color: Color = Color(gray: 0.15), weight: Font.Weight = .regular) {
    runs = [Run(text, color: color, weight: weight)]
  }

  /// A dark, regular line.
  public init(stringLiteral text: String) { self.init(text) }

  /// Its advance width on `canvas` at a font size, in points.
  func width(on canvas: any Canvas, size: Double) -> Double {
    runs.reduce(0) { $0 + canvas.width(of: $1.text, font: Font(size: size, weight: $1.weight)) }
  }

  /// Draws it from `point`, which is on the baseline.
  func draw(on canvas: any Canvas, at point: Point, size: Double) {
    var x = point.x
    for run in runs {
      let font = Font(size: size, weight: run.weight)
      canvas.text(run.text, at: Point(x, point.y), style: TextStyle(font, color: run.color))
      x += canvas.width(of: run.text, font: font)
    }
  }
}

/// Several lines in a box as tight as they are.
struct TextBlock: Equatable, Sendable {
  var lines: [StyledText]
  var fontSize: Double
  /// Where shorter lines stand in the box.
  var alignment: TextStyle.Anchor

  func size(on canvas: any Canvas) -> Size {
    let font = Font(size: fontSize)
    return Size(
      width: lines.map { $0.width(on: canvas, size: fontSize) }.max() ?? 0,
      height: font.ascent + font.descent + font.lineHeight * Double(max(0, lines.count - 1)))
  }

  func draw(on canvas: any Canvas, in box: Rectangle) {
    let font = Font(size: fontSize)
    for (index, line) in lines.enumerated() {
      let spare = box.width - line.width(on: canvas, size: fontSize)
      let x =
        switch alignment {
        case .start: box.x
        case .middle: box.x + spare / 2
        case .end: box.x + spare
        }
      line.draw(on: canvas, at: Point(x, box.y + font.ascent + font.lineHeight * Double(index)), size: fontSize)
    }
  }
}

/// `text` broken at spaces into lines no wider than `width` points; a longer word is broken where the line ends.
func wrapped(_ text: String, to width: Double, font: Font, on canvas: any Canvas) -> [String] {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, canvas.width(of: "\(last) \(word)", font: font) <= width {
      lines[lines.count - 1] = "\(last) \(word)"
    } else if canvas.width(of: String(word), font: font) <= width {
      lines.append(String(word))
    } else {
      lines += broken(word, to: width, font: font, on: canvas)
    }
  }
  return lines
}

/// A word in pieces no wider than `width` points, or of one letter.
private func broken(_ word: Substring, to width: Double, font: Font, on canvas: any Canvas) -> [String] {
  var pieces: [String] = []
  var room = 0.0
  for letter in word {
    let advance = canvas.width(of: String(letter), font: font)
    if pieces.isEmpty || advance > room {
      pieces.append("")
      room = width
    }
    pieces[pieces.count - 1].append(letter)
    room -= advance
  }
  return pieces
}

/// `text` where it is no wider than `width` points, else its beginning and its end with an ellipsis between them.
func shortened(_ text: String, to width: Double, font: Font, on canvas: any Canvas) -> String {
  guard canvas.width(of: text, font: font) > width else { return text }
  let letters = Array(text)
  let advances = letters.map { canvas.width(of: String($0), font: font) }
  var room = width - canvas.width(of: "…", font: font)
  var (head, tail) = (0, letters.count)
  // In turn from both ends, as long as there is room.
  while head < tail {
    let isHead = head <= letters.count - tail
    room -= advances[isHead ? head : tail - 1]
    guard room >= 0 else { break }
    if isHead { head += 1 } else { tail -= 1 }
  }
  return String(letters[..<head]) + "…" + String(letters[tail...])
}
