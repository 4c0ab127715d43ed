import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Labelled images as a user names them: `FILE`, `IMAGES,LABELS`, a folder, each also with rows, as `FILE:START-END`.
///
/// Rows are counted from 0, and END is not among them: `train.h5:0-100` and `train.h5:100-200` share none. Where images and
/// labels lie in files of their own, the labels' is found by its name, as `y_test.npy` is beside `x_test.npy` and
/// `t10k-labels-idx1-ubyte.gz` beside `t10k-images-idx3-ubyte.gz`.
public struct ImageSource: Equatable, Sendable {
  /// As it was given.
  public let text: String
  /// The file of images, or the folder.
  public let images: String
  /// The file of labels, where it is another one.
  public let labels: String?
  /// The rows that are taken; nil for all.
  public let rows: Range<Int>?

  /// - Throws: `InputError` for rows that are none.
  public init(_ text: String) throws {
    self.text = text
    var (place, rows) = (text, nil as Range<Int>?)
    if !isThere(text), let match = text.wholeMatch(of: /(.*):([0-9]+)-([0-9]+)/.dotMatchesNewlines()) {
      guard let start = Int(match.2), let end = Int(match.3), start < end else {
        throw InputError(text, found: "no rows \(match.2)-\(match.3)", expected: "START-END with START below END")
      }
      (place, rows) = (String(match.1), start..<end)
    }
    self.rows = rows
    let parts = place.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if !isThere(place), parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) {
      (images, labels) = (parts[0], parts[1])
    } else {
      images = place
      labels = Self.partners(of: place).first(where: isThere)
    }
  }

  /// Whether the text is the path of one file that is read whole.
  public var isPlain: Bool { rows == nil && labels == nil }

  /// Whether what is named is there.
  package var exists: Bool { isThere(images) && labels.map(isThere) ?? true }

  /// Where the labels of a file of images alone may lie.
  static func partners(of path: String) -> [String] {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let (folder, name) = (path[..<slash], String(path[slash...]))
    let isArray = name.hasSuffix(".npy")
    guard isArray || FileStart(path)?.isIDX == true else { return [] }
    var names = [name.replacing("images", with: "labels").replacing("idx3", with: "idx1")]
    if isArray {
      names += [
        ("images", "labels"), ("image", "label"), ("data", "labels"), ("data", "label"), ("x", "y"), ("X", "y"),
        ("X", "Y"),
      ]
      .map { name.replacing($0, with: $1) }
      // Of words alone, as x of x_test, and not that of `pixels`.
      names += [name.replacing(/(^|[_.-])[xX](?=[_.-])/) { "\($0.1)y" }]
    }
    return names.filter { $0 != name }.map { folder + $0 }
  }

  /// SHA-256 of what is read: the file's, or where there are several, that of a line `digest name` for each in their order.
  /// - Throws: `InputError` where one cannot be read.
  public func digest() throws -> String {
    var files = [images] + (labels.map { [$0] } ?? [])
    var prefix = 0
    if OutputFile.isFolder(images) {
      files = try ClassFolders.files(of: images)
      prefix = images.utf8.count + 1
    }
    if files.count == 1, prefix == 0 { return try FileDigest.sha256(ofFileAt: files[0]) }
    let lines = try files.map { file in
      let name =
        prefix > 0 ? String(file.dropFirst(images.count + 1)) : file.split(separator: "/").last.map(String.init) ?? file
      return "\(try FileDigest.sha256(ofFileAt: file)) \(name)\n"
    }
    return try FileDigest.sha256(of: Array(lines.joined().utf8))
  }

  /// Whether libhdf5 will read it.
  public var isHDF5: Bool { FileStart(images).map { ImageFormats.format(of: $0) is HDF5Images } ?? true }
}

private func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// What a file begins with, by which formats are told apart.
struct FileStart {
  let path: String
  let isFolder: Bool
  /// In bytes.
  let size: Int
  /// Up to 16.
  let bytes: [UInt8]

  /// nil where there is nothing that can be opened.
  init?(_ path: String) {
    self.path = path
    // Non-blocking, so that opening a named pipe returns instead of waiting for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    size = Int(status.st_size)
    bytes =
      status.st_mode & S_IFMT == S_IFREG
      ? [UInt8](unsafeUninitializedCapacity: 16) { $1 = max(0, pread(descriptor, $0.baseAddress, 16, 0)) } : []
  }

  var isGzip: Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// Whether it is an IDX file, or a compressed file, which is taken for one.
  var isIDX: Bool { isGzip || IDXHeader.isMagic(bytes) }

  /// The most bytes that a compressed file of this size may become.
  var inflationLimit: Int { min(1 << 32, (1 << 26) + 200 * min(size, 1 << 32)) }
}
