import CHDF5

extension HDF5File {
  /// The version of the libhdf5 that is loaded, as `1.10.8`.
  /// - Throws: `HDF5LibraryError` where there is none that serves.
  public static func libraryVersion() throws(HDF5LibraryError) -> String {
    try Library.start()
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    Library.locked { _ = H5get_libversion(&major, &minor, &release) }
    return "\(major).\(minor).\(release)"
  }
}
