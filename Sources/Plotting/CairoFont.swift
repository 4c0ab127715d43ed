import CCairo
import Dispatch

/// Owns one cairo font: a face to draw with and, at 1000 units to the em, the widths of its text.
final class CairoFont {
  let face: OpaquePointer?
  private let scaled: OpaquePointer?
  private static let unitsPerEm = 1000.0

  init(_ weight: Font.Weight) {
    let face = cairo_toy_font_face_create(
      "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, weight == .bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
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

  /// Advance width in ems. Measured once at a large size, so that text is laid out alike in pixels and in vectors.
  func widthInEms(of text: String) -> Double {
    var extents = cairo_text_extents_t()
    cairo_scaled_font_text_extents(scaled, text, &extents)
    return extents.x_advance / Self.unitsPerEm
  }

  /// Looks the font up on another thread. Finding it takes longer than drawing most figures; whoever is about to draw reads
  /// a file meanwhile.
  static func prepare() {
    DispatchQueue.global().async { _ = CairoFont(.regular).widthInEms(of: "0") }
  }

  func check() throws(PlottingError) {
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
