import CCairo

/// A canvas on a cairo surface. A failed cairo context ignores what follows and keeps its status, so that `check` after
/// the last call tells of the first failure.
final class CairoCanvas: Canvas {
  private let context: OpaquePointer?
  private var fonts: [Font.Weight: FontChoice] = [:]
  private var depth = 0

  init(_ surface: CairoSurface) {
    context = cairo_create(surface.handle)
    CairoFont.withOptions { cairo_set_font_options(context, $0) }
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
  }

  deinit { cairo_destroy(context) }

  func check() throws(PlottingError) {
    let status = cairo_status(context)
    guard status == CAIRO_STATUS_SUCCESS else { throw .cairo(status, doing: "drawing") }
    for weight in [Font.Weight.regular, .bold] { try fonts[weight]?.font.check() }
  }

  /// Letters of the texts so far that no installed font has.
  var missingLetters: [Character] {
    [Font.Weight.regular, .bold].flatMap { fonts[$0]?.missing ?? [] }.reduce(into: []) { letters, letter in
      if !letters.contains(letter) { letters.append(letter) }
    }
  }

  func save() {
    depth += 1
    cairo_save(context)
  }

  func restore() {
    guard depth > 0 else { return }
    depth -= 1
    cairo_restore(context)
  }

  func translate(x: Double, y: Double) { cairo_translate(context, x, y) }

  func scale(x: Double, y: Double) {
    if x != 0, y != 0 { cairo_scale(context, x, y) }
  }

  func rotate(degrees: Double) { cairo_rotate(context, degrees * .pi / 180) }

  func clip(to rectangle: Rectangle) {
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_clip(context)
  }

  func fill(_ path: Path, with paint: Paint) {
    trace(path)
    withSource(paint) { cairo_fill(context) }
  }

  func stroke(_ path: Path, with stroke: Stroke) {
    trace(path)
    withSource(.color(stroke.color)) {
      cairo_set_line_width(context, stroke.width)
      cairo_set_dash(context, stroke.dash, Int32(clamping: stroke.dash.count), 0)
      cairo_set_line_cap(context, stroke.cap.cairo)
      cairo_stroke(context)
    }
  }

  func text(_ text: String, at point: Point, style: TextStyle) {
    let font = style.font
    let dx =
      switch style.anchor {
      case .start: 0.0
      case .middle: -width(of: text, font: font) / 2
      case .end: -width(of: text, font: font)
      }
    let dy =
      switch style.baseline {
      case .baseline: 0.0
      case .middle: font.capHeight / 2
      case .top: font.ascent
      }
    cairo_save(context)
    cairo_translate(context, point.x, point.y)
    if style.rotation != 0 { rotate(degrees: style.rotation) }
    cairo_set_source_rgba(context, style.color.red, style.color.green, style.color.blue, style.color.alpha)
    var x = dx
    for piece in choice(font.weight).pieces(of: text) {
      cairo_set_font_face(context, piece.font.face)
      cairo_set_font_size(context, font.size)
      cairo_move_to(context, x, dy)
      cairo_show_text(context, piece.text)
      x += piece.font.widthInEms(of: piece.text) * font.size
    }
    cairo_restore(context)
    cairo_new_path(context)
  }

  func width(of text: String, font: Font) -> Double { choice(font.weight).widthInEms(of: text) * font.size }

  func image(_ raster: Raster, in rectangle: Rectangle, filter: RasterFilter) {
    guard rectangle.width > 0, rectangle.height > 0,
      let pixels = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, Int32(clamping: raster.width), Int32(clamping: raster.height))
    else { return }
    defer { cairo_surface_destroy(pixels) }
    cairo_save(context)
    defer { cairo_restore(context) }
    // On an image that cairo refused to make (too large), the source carries that status into the context.
    copy(raster, into: pixels)
    cairo_translate(context, rectangle.x, rectangle.y)
    cairo_scale(context, rectangle.width / Double(raster.width), rectangle.height / Double(raster.height))
    cairo_set_source_surface(context, pixels, 0, 0)
    let source = cairo_get_source(context)
    cairo_pattern_set_filter(source, filter == .nearest ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BILINEAR)
    cairo_pattern_set_extend(source, CAIRO_EXTEND_PAD)
    cairo_rectangle(context, 0, 0, Double(raster.width), Double(raster.height))
    cairo_fill(context)
  }

  private func copy(_ raster: Raster, into surface: OpaquePointer) {
    guard let bytes = cairo_image_surface_get_data(surface) else { return }
    let stride = Int(cairo_image_surface_get_stride(surface))
    for row in 0..<raster.height {
      let words = UnsafeMutableRawPointer(bytes + row * stride).assumingMemoryBound(to: UInt32.self)
      for column in 0..<raster.width {
        let at = (row * raster.width + column) * 3
        words[column] =
          UInt32(raster.pixels[at]) << 16 | UInt32(raster.pixels[at + 1]) << 8 | UInt32(raster.pixels[at + 2])
      }
    }
    cairo_surface_mark_dirty(surface)
  }

  private func choice(_ weight: Font.Weight) -> FontChoice {
    if let choice = fonts[weight] { return choice }
    let choice = FontChoice(weight)
    fonts[weight] = choice
    return choice
  }

  private func trace(_ path: Path) {
    cairo_new_path(context)
    for element in path.elements {
      switch element {
      case .move(let point): cairo_move_to(context, point.x, point.y)
      case .line(let point): cairo_line_to(context, point.x, point.y)
      case .curve(let a, let b, let end): cairo_curve_to(context, a.x, a.y, b.x, b.y, end.x, end.y)
      case .close: cairo_close_path(context)
      }
    }
  }

  private func withSource(_ paint: Paint, _ draw: () -> Void) {
    switch paint {
    case .color(let color):
      cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
      draw()
    case .linearGradient(let from, let to, let stops):
      withGradient(cairo_pattern_create_linear(from.x, from.y, to.x, to.y), stops, draw)
    case .radialGradient(let center, let radius, let stops):
      withGradient(cairo_pattern_create_radial(center.x, center.y, 0, center.x, center.y, radius), stops, draw)
    }
  }

  private func withGradient(_ pattern: OpaquePointer?, _ stops: [GradientStop], _ draw: () -> Void) {
    defer { cairo_pattern_destroy(pattern) }
    for stop in stops {
      let color = stop.color
      cairo_pattern_add_color_stop_rgba(pattern, stop.offset, color.red, color.green, color.blue, color.alpha)
    }
    cairo_set_source(context, pattern)
    draw()
  }
}

extension Stroke.Cap {
  fileprivate var cairo: cairo_line_cap_t {
    switch self {
    case .butt: CAIRO_LINE_CAP_BUTT
    case .round: CAIRO_LINE_CAP_ROUND
    case .square: CAIRO_LINE_CAP_SQUARE
    }
  }
}
