/// The largest sizes that are accepted from a file, in bytes unless the name says otherwise.
///
/// They are checked before anything of that size is allocated, since a file may declare any size it likes.
public enum HDF5Limits {
  /// One attribute's values, or strings of variable length read at once: 256 MiB.
  public static let attributeBytes = 1 << 28
  /// One chunk of a chunked dataset, decompressed: 256 MiB.
  public static let chunkBytes = 1 << 28
  /// A dataset's declared size: 1 TiB.
  public static let datasetBytes = 1 << 40
  /// One array returned by a reading function: 2 GiB. Reading into a buffer has no limit but the buffer's size.
  public static let arrayBytes = 1 << 31
  /// One array returned by a reading function, where less than a thousandth of it is stored: 64 MiB.
  public static let unstoredBytes = 1 << 26
  /// Links in a group, or attributes of an object.
  public static let names = 1 << 20
  /// Soft links followed while one path is resolved.
  public static let softLinks = 16
  /// Bytes of a soft link's target.
  public static let softLinkBytes = 1 << 16
}
