import CCairo

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Owns one cairo font: a face to draw with and, at 1000 units to the em, the widths of its text.
package final class CairoFont {
  let face: OpaquePointer?
  private let scaled: OpaquePointer?
  private static let unitsPerEm = 1000.0

  /// Where distributions keep DejaVu Sans: Debian and Ubuntu, Fedora, Arch.
  package static let folders = [
    "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/TTF",
  ]

  package convenience init(_ weight: Font.Weight, folders: [String] = CairoFont.folders) {
    self.init(face: Self.dejaVu(weight, in: folders) ?? Self.systemsBest(weight))
  }

  private init(face: OpaquePointer?) {
    var size = cairo_matrix_t()
    var identity = cairo_matrix_t()
    cairo_matrix_init_scale(&size, Self.unitsPerEm, Self.unitsPerEm)
    cairo_matrix_init_identity(&identity)
    self.face = face
    scaled = Self.withOptions { cairo_scaled_font_create(face, &size, &identity, $0) }
  }

  deinit {
    cairo_scaled_font_destroy(scaled)
    cairo_font_face_destroy(face)
  }

  /// A font that has `letter`, by fontconfig's choice; nil where no installed font with outlines has it.
  package convenience init?(having letter: Unicode.Scalar, _ weight: Font.Weight) {
    let (pattern, letters) = (FcPatternCreate(), FcCharSetCreate())
    defer {
      FcPatternDestroy(pattern)
      FcCharSetDestroy(letters)
    }
    FcCharSetAddChar(letters, letter.value)
    FcPatternAddString(pattern, FC_FAMILY, "DejaVu Sans")
    FcPatternAddString(pattern, FC_FAMILY, "sans-serif")
    FcPatternAddInteger(pattern, FC_WEIGHT, weight == .bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR)
    FcPatternAddBool(pattern, FC_OUTLINE, 1)
    FcPatternAddCharSet(pattern, FC_CHARSET, letters)
    FcConfigSubstitute(nil, pattern, FcMatchPattern)
    FcDefaultSubstitute(pattern)
    var result = FcResultMatch
    // Best first, each with letters that those before it lack: the first of them need not have this one.
    guard let sorted = FcFontSort(nil, pattern, 1, nil, &result) else { return nil }
    defer { FcFontSetDestroy(sorted) }
    for index in 0..<Int(sorted.pointee.nfont) {
      let font = sorted.pointee.fonts[index]
      var (own, hasOutline): (OpaquePointer?, FcBool) = (nil, 0)
      guard FcPatternGetCharSet(font, FC_CHARSET, 0, &own) == FcResultMatch, FcCharSetHasChar(own, letter.value) == 1,
        FcPatternGetBool(font, FC_OUTLINE, 0, &hasOutline) == FcResultMatch, hasOutline == 1,
        let prepared = FcFontRenderPrepare(nil, pattern, font)
      else { continue }
      defer { FcPatternDestroy(prepared) }
      self.init(face: cairo_ft_font_face_create_for_pattern(prepared))
      return
    }
    return nil
  }

  /// Whether the font has a glyph for every letter of a text.
  package func has(_ text: some StringProtocol) -> Bool {
    // Every font that is drawn with has these.
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return true }
    var glyphs: UnsafeMutablePointer<cairo_glyph_t>?
    var count: Int32 = 0
    let status = cairo_scaled_font_text_to_glyphs(
      scaled, 0, 0, String(text), -1, &glyphs, &count, nil, nil, nil)
    defer { cairo_glyph_free(glyphs) }
    guard status == CAIRO_STATUS_SUCCESS else { return false }
    return UnsafeBufferPointer(start: glyphs, count: Int(count)).allSatisfy { $0.index != 0 }
  }

  /// Advance width in ems. Measured once at a large size, so that text is laid out alike in pixels and in vectors.
  package func widthInEms(of text: String) -> Double {
    var extents = cairo_text_extents_t()
    cairo_scaled_font_text_extents(scaled, text, &extents)
    return extents.x_advance / Self.unitsPerEm
  }

  /// The font's own file, where it is known: to be told by fontconfig takes longer than drawing most figures, and depends on
  /// the user's settings.
  private static func dejaVu(_ weight: Font.Weight, in folders: [String]) -> OpaquePointer? {
    let name = weight == .bold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf"
    let files: [String] = folders.map { "\($0)/\(name)" }
    guard let file = files.first(where: { access($0, R_OK) == 0 }) else { return nil }
    let pattern = FcPatternCreate()
    defer { FcPatternDestroy(pattern) }
    FcPatternAddString(pattern, FC_FILE, file)
    FcPatternAddInteger(pattern, FC_INDEX, 0)
    return cairo_ft_font_face_create_for_pattern(pattern)
  }

  /// What fontconfig finds by the name, or in its place.
  private static func systemsBest(_ weight: Font.Weight) -> OpaquePointer? {
    cairo_toy_font_face_create(
      "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, weight == .bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
  }

  package func check() throws(PlottingError) {
    for status in [cairo_font_face_status(face), cairo_scaled_font_status(scaled)] where status != CAIRO_STATUS_SUCCESS
    {
      throw .cairo(status, doing: "loading the font")
    }
  }

  /// Unhinted, unrounded, grey: the options under which outlines keep their shape at every size.
  static func withOptions<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
    let options = cairo_font_options_create()
    defer { cairo_font_options_destroy(options) }
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    return body(options)
  }
}
