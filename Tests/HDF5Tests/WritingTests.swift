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
}
