import CCairo
import Glibc

/// Owns one cairo surface; `deinit` frees it.
final class CairoSurface {
  let handle: OpaquePointer
  /// What a vector surface has written so far; complete after `finish`.
  private let sink: ByteSink?
  /// An image surface's pixels.
  private let pixels: LargePages?

  private init(
    _ handle: OpaquePointer?, sink: ByteSink? = nil, pixels: LargePages? = nil, doing: String
  ) throws(PlottingError) {
    guard let handle else { throw .cairo(doing: doing, message: "no surface") }
    self.handle = handle
    self.sink = sink
    self.pixels = pixels
    try check(doing)
  }

  deinit { cairo_surface_destroy(handle) }

  /// Pixels without alpha, of no colour until drawn on.
  convenience init(pixelsWide width: Int32, high height: Int32) throws(PlottingError) {
    let doing = "making a \(width) x \(height) image"
    let stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, width)
    guard let pixels = LargePages(bytes: Int(max(0, stride)) * Int(height)) else {
      throw .cairo(CAIRO_STATUS_NO_MEMORY, doing: doing)
    }
    try self.init(
      cairo_image_surface_create_for_data(pixels.bytes, CAIRO_FORMAT_RGB24, width, height, stride),
      pixels: pixels, doing: doing)
  }

  /// A one-page PDF.
  convenience init(pdf size: Size, title: String) throws(PlottingError) {
    let sink = ByteSink()
    try self.init(
      cairo_pdf_surface_create_for_stream(ByteSink.write, sink.context, size.width, size.height),
      sink: sink, doing: "making a PDF")
    // Cairo would write the time of day here; the same drawing has the same bytes.
    cairo_pdf_surface_set_metadata(handle, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    cairo_pdf_surface_set_metadata(handle, CAIRO_PDF_METADATA_TITLE, title)
  }

  /// An SVG document.
  convenience init(svg size: Size) throws(PlottingError) {
    let sink = ByteSink()
    try self.init(
      cairo_svg_surface_create_for_stream(ByteSink.write, sink.context, size.width, size.height),
      sink: sink, doing: "making an SVG")
  }

  /// Ends a vector document and returns its bytes.
  func finish() throws(PlottingError) -> [UInt8] {
    cairo_surface_finish(handle)
    try check("finishing the document")
    return sink?.bytes ?? []
  }

  /// Reads an image surface, on which nothing is drawn any more: `body` gets its pixels as 0xXXRRGGBB words and the number of
  /// words per row.
  func withPixels<Result>(
    _ body: (UnsafeMutablePointer<UInt32>, _ wordsPerRow: Int) throws(PlottingError) -> Result
  ) throws(PlottingError) -> Result {
    cairo_surface_flush(handle)
    try check("reading pixels")
    guard let bytes = cairo_image_surface_get_data(handle) else {
      throw .cairo(doing: "reading pixels", message: "no pixels")
    }
    let wordsPerRow = Int(cairo_image_surface_get_stride(handle)) / 4
    let count = wordsPerRow * Int(cairo_image_surface_get_height(handle))
    return try bytes.withMemoryRebound(to: UInt32.self, capacity: count) { words throws(PlottingError) in
      try body(words, wordsPerRow)
    }
  }

  func check(_ doing: String) throws(PlottingError) {
    let status = cairo_surface_status(handle)
    guard status == CAIRO_STATUS_SUCCESS else { throw .cairo(status, doing: doing) }
  }
}

extension PlottingError {
  static func cairo(_ status: cairo_status_t, doing: String) -> PlottingError {
    .cairo(doing: doing, message: cairo_status_to_string(status).map { String(cString: $0) } ?? "unknown failure")
  }
}

/// Memory in pages of 2 MB where the system has them: a figure's 11 MB of pixels are else touched in 2,700 small ones, each
/// of which the kernel stops the drawing for.
final class LargePages {
  let bytes: UnsafeMutablePointer<UInt8>

  init?(bytes count: Int) {
    let page = 1 << 21
    let size = (max(1, count) + page - 1) / page * page
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, page, size) == 0, let memory else { return nil }
    madvise(memory, size, MADV_HUGEPAGE)
    bytes = memory.assumingMemoryBound(to: UInt8.self)
  }

  deinit { free(bytes) }
}

/// Collects what a cairo stream writes. Cairo holds its address unretained: it must outlive the surface's `finish`.
private final class ByteSink {
  var bytes: [UInt8] = []

  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static let write: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t = {
    context, data, count in
    guard let context else { return CAIRO_STATUS_WRITE_ERROR }
    let sink = Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
    sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
    return CAIRO_STATUS_SUCCESS
  }
}
