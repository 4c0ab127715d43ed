import CHDF5
import Files

/// An HDF5 file, open for reading or newly created; it is closed when the last object of it goes.
///
/// Any thread may use any object: libhdf5 itself is not thread-safe, so calls into it wait for one another.
///
/// A file need not be trusted with its sizes, its references or what it links to: those are checked here, and links
/// out of the file, storage outside it and filters other than gzip, shuffle and Fletcher-32 are refused when met.
/// What is not checked are the headers of objects, which libhdf5 parses: 1.10.8 can still crash, hang or take any amount
/// of memory on a file that was damaged there on purpose, and takes the whole process with it. The command `espalier` has
/// a child process read foreign files first; a program that uses this library has to do the like, or trust its files.
public final class HDF5File: Sendable {
  /// The path as it was given.
  public var path: String { source.path }
  /// The file's root group.
  public let root: HDF5Group

  private let source: Source

  /// Opens a file for reading only, without a file lock, so that a read-only folder is no obstacle.
  ///
  /// - Throws: `HDF5Error` where there is no such file, it is not HDF5, it is truncated, or HDF5 cannot open it;
  ///   `HDF5LibraryError` where there is no libhdf5.
  public init(reading path: String) throws {
    let byteCount = try checkSignature(path)
    (source, root) = try Library.locked {
      try Library.start()
      let access = try fileAccess(path)
      let file = try Handle(
        PathText.withCString(path) { H5Fopen($0, chdf5_read_only(), access.id) }, path, "an intact HDF5 file")
      let source = Source(path: path, handle: file, byteCount: byteCount)
      return (source, try source.root())
    }
  }

  /// Opens a file whose datasets' numbers may be replaced (`HDF5Dataset.replace`); nothing else of it changes.
  ///
  /// - Throws: as `init(reading:)`, and where the file cannot be written.
  public init(updating path: String) throws {
    let byteCount = try checkSignature(path)
    (source, root) = try Library.locked {
      try Library.start()
      let access = try fileAccess(path)
      let file = try Handle(
        PathText.withCString(path) { H5Fopen($0, chdf5_read_write(), access.id) }, path, "an intact HDF5 file to write")
      let source = Source(path: path, handle: file, byteCount: byteCount, isUpdated: true)
      return (source, try source.root())
    }
  }

  /// Creates a file, replacing what is there. The same calls with the same content give the same bytes.
  ///
  /// The file is whole only after `close()`; to make it appear whole or not at all, create it under a temporary name
  /// and rename it then.
  ///
  /// - Throws: `HDF5Error` where the file cannot be created; `HDF5LibraryError` where there is no libhdf5.
  public init(creating path: String) throws {
    (source, root) = try Library.locked {
      try Library.start()
      let access = try fileAccess(path)
      let creation = try creationList(chdf5_file_create(), path)
      let file = try Handle(
        PathText.withCString(path) { H5Fcreate($0, chdf5_truncate(), creation.id, access.id) }, path,
        "a path where a file can be created")
      let source = Source(path: path, handle: file, byteCount: nil)
      return (source, try source.root())
    }
  }

  /// Writes everything out and closes the file with all objects of it, which throw from then on.
  ///
  /// - Throws: `HDF5Error` where the remaining bytes cannot be written, or the file is closed already.
  public func close() throws {
    try Library.locked {
      if source.byteCount == nil || source.isUpdated {
        try check(H5Fflush(source.handle.id, H5F_SCOPE_LOCAL), path, "an open file and room for it on the disk")
      }
      try check(H5Fclose(source.handle.id), path, "an open file and room for it on the disk")
    }
  }
}

private func fileAccess(_ path: String) throws -> Handle {
  let access = try Handle(H5Pcreate(chdf5_file_access()), path, "file access settings")
  try check(chdf5_unlock(access.id), path, "file locking to be off")
  // `close()` has to close the file even while objects of it are alive.
  try check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), path, "file access settings")
  // 64 MiB of chunks per dataset: reading row by row must not decompress a chunk again for every row.
  try check(H5Pset_cache(access.id, 0, 12_421, 1 << 26, 0.75), path, "file access settings")
  return access
}

/// Creation settings without time stamps: identical content shall give identical bytes.
func creationList(_ type: hid_t, _ location: String) throws -> Handle {
  let list = try Handle(H5Pcreate(type), location, "creation settings")
  try check(H5Pset_obj_track_times(list.id, false), location, "creation settings")
  return list
}
