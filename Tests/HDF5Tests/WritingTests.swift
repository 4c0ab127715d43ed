import Glibc
import HDF5
import Testing

@Suite struct WritingTests {
  @Test func whatIsWrittenIsRead() throws {
    try withTemporaryPath { path in
      let file = try HDF5File(creating: path)
      try file.root.write([1.5, -2, .infinity, 4, 5, 6] as [Float], shape: [3, 2], to: "a/b/kernel:0")
      try file.root.write([0.1, 0.2] as [Double], shape: [2], to: "/double")
      try file.root.write([Int64.min, .max] as [Int64], shape: [2], to: "integer")
      try file.root.write([0, 255] as [UInt8], shape: [2], to: "byte")
      try file.root.write([7.0] as [Double], shape: [], to: "scalar")
      try file.root.write([] as [Float], shape: [0, 3], to: "empty")
      let group = try file.root.group("a/b")
      try group.writeAttribute("weight_names", ["kernel:0", "b"])
      try group.writeAttribute("none", [String]())
      try group.writeAttribute("config", "{\"ü\": 1}")
      try group.writeAttribute("epochs", 12)
      try group.writeAttribute("rate", 0.25)
      try file.close()

      let root = try HDF5File(reading: path).root
      #expect(try root.childNames() == ["a", "byte", "double", "empty", "integer", "scalar"])
      let kernel = try root.dataset("a/b/kernel:0")
      #expect(kernel.shape == [3, 2])
      #expect(kernel.elementKind == .float(bits: 32))
      #expect(try kernel.read(Float.self) == [1.5, -2, .infinity, 4, 5, 6])
      #expect(try kernel.read(Double.self, rows: 1..<2) == [.infinity, 4])
      #expect(try root.dataset("double").read(Double.self) == [0.1, 0.2])
      #expect(try root.dataset("integer").read(Int.self) == [.min, .max])
      #expect(try root.dataset("byte").read(UInt8.self) == [0, 255])
      #expect(try root.dataset("byte").read(Float.self) == [0, 255])
      #expect(try root.dataset("scalar").shape == [])
      #expect(try root.dataset("scalar").read(Double.self) == [7])
      #expect(try root.dataset("empty").read(Float.self) == [])
      let read = try root.group("a").group("b")
      #expect(read.path == "a/b")
      #expect(try read.attributeNames() == ["config", "epochs", "none", "rate", "weight_names"])
      #expect(try read.attribute("weight_names").strings() == ["kernel:0", "b"])
      #expect(try read.attribute("weight_names").shape == [2])
      #expect(try read.attribute("none").strings() == [])
      #expect(try read.attribute("config").string() == "{\"ü\": 1}")
      #expect(try read.attribute("epochs").number(Int.self) == 12)
      #expect(try read.attribute("rate").number(Float.self) == 0.25)
    }
  }

  @Test func rowsAreWrittenInParts() throws {
    try withTemporaryPath { path in
      let values = (0..<35).map { Float($0) * 0.5 }
      let file = try HDF5File(creating: path)
      for (name, gzip) in [("plain", nil), ("gzip", HDF5Gzip(chunkRows: 3))] as [(String, HDF5Gzip?)] {
        let dataset = try file.root.createDataset(name, shape: [7, 5], of: Float.self, gzip: gzip)
        for rows in [4..<7, 0..<4] {
          try values.withUnsafeBufferPointer {
            try dataset.write(
              rows: rows, from: UnsafeBufferPointer(rebasing: $0[rows.lowerBound * 5..<rows.upperBound * 5]))
          }
        }
      }
      try file.close()
      let root = try HDF5File(reading: path).root
      #expect(try root.dataset("plain").read(Float.self) == values)
      #expect(try root.dataset("gzip").read(Float.self) == values)
      #expect(try root.dataset("gzip").read(Float.self, rows: 2..<4) == Array(values[10..<20]))
    }
  }

  @Test func sameContentSameBytes() throws {
    func bytes() throws -> [UInt8] {
      try withTemporaryPath { path in
        let file = try HDF5File(creating: path)
        try file.root.write((0..<1000).map { Double($0) }, shape: [100, 10], to: "g/x", gzip: HDF5Gzip(chunkRows: 30))
        try file.root.write([1, 2, 3] as [Float], shape: [3], to: "g/y")
        try file.root.writeAttribute("config", String(repeating: "{}", count: 50_000))
        try file.root.group("g").writeAttribute("names", ["x", "long name"])
        try file.close()
        #expect(try HDF5File(reading: path).root.attribute("config").string().utf8.count == 100_000)
        return try readBytes(path)
      }
    }
    let first = try bytes()
    // Time stamps have a resolution of one second.
    sleep(1)
    #expect(try bytes() == first)
  }

  @Test func readingWhileWriting() throws {
    try withTemporaryPath { path in
      let file = try HDF5File(creating: path)
      try file.root.writeAttribute("config", "text")
      try file.root.write([1, 2] as [Float], shape: [2], to: "x", gzip: HDF5Gzip(chunkRows: 1))
      #expect(try file.root.attribute("config").string() == "text")
      #expect(try file.root.dataset("x").read(Float.self) == [1, 2])
    }
  }

  @Test func refused() throws {
    try withTemporaryPath { path in
      let file = try HDF5File(creating: path)
      let root = file.root
      try root.write([1] as [Float], shape: [1], to: "x")
      #expect(
        message { try root.write([1] as [Float], shape: [2], to: "y") }
          == "file.h5: y: a buffer of 1 elements for 2 rows; expected 2")
      #expect(
        message { try root.dataset("x").write(rows: 0..<1, from: UnsafeBufferPointer<Double>(start: nil, count: 0)) }
          == "file.h5: x: a buffer of 0 elements for 1 rows; expected 1")
      #expect(
        message { try [2.0].withUnsafeBufferPointer { try root.dataset("x").write(rows: 0..<1, from: $0) } }
          == "file.h5: x: 64-bit float elements to write; expected 32-bit float elements")
      #expect(
        message { try root.createDataset("z", shape: [-1], of: Float.self) }
          == "file.h5: z: the shape (-1); expected at most 32 sizes, none negative, and 1099511627776 bytes")
      #expect(
        message { try root.createDataset("z", shape: [0], of: Float.self, gzip: HDF5Gzip(chunkRows: 1)) }
          == "file.h5: z: gzip at level 4 in chunks of 1 rows; "
          + "expected level 1 to 9, 1 or more rows, and chunks of 1 to 268435456 bytes")
      #expect(message { try root.createGroup("x/y") } == "file.h5: x: is a dataset; expected a group")
      #expect(
        message { try root.writeAttribute("long", [String(repeating: "x", count: 70_000)]) }.hasSuffix(
          "expected a new attribute of at most 64 KiB"))
      try file.close()
      #expect(message { try root.childNames() }.hasSuffix("; expected readable links"))
    }
    #expect(
      message { try HDF5File(creating: "/nowhere/new.h5") }.hasSuffix("; expected a path where a file can be created"))
  }
}
