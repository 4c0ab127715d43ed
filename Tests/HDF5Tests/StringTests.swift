import HDF5
import Testing

@Suite struct StringTests {
  private func root() throws -> HDF5Group { try HDF5File(reading: fixture("strings.h5")).root }

  @Test func everyPaddingAndLength() throws {
    let root = try root()
    #expect(try root.attribute("null_terminated").strings() == ["abc", "a", ""])
    #expect(try root.attribute("null_padded").strings() == ["abcd", "a", ""])
    #expect(try root.attribute("space_padded").strings() == ["abcd", "a b", ""])
    #expect(try root.attribute("utf8").string() == "ü")
    #expect(try root.attribute("variable").string() == "längere Zeichen")
    #expect(try root.attribute("variable_list").strings() == ["a", "", "ccc"])
    #expect(try root.attribute("variable_ascii").string() == "x")
    #expect(try root.dataset("variable").strings() == ["one", "zwei", "drei"])
    #expect(try root.dataset("variable").strings(rows: 1..<2) == ["zwei"])
    #expect(try root.dataset("fixed").strings() == ["one", "three"])
    #expect(try root.dataset("fixed").elementKind == .string)
  }

  @Test func otherAttributes() throws {
    let root = try root()
    #expect(try root.attribute("keras_empty").strings() == [])
    #expect(try root.attribute("matrix").shape == [2, 2])
    #expect(try root.attribute("matrix").numbers(Int.self) == [0, 1, 2, 3])
    #expect(try root.attribute("nothing").numbers(Float.self) == [])
    #expect(try root.hasAttribute("matrix"))
    #expect(try !root.hasAttribute("absent"))
  }

  @Test func refused() throws {
    let root = try root()
    for name in ["latin1", "variable_latin1"] {
      #expect(
        message { try root.attribute(name).strings() }
          == "strings.h5: attribute \"\(name)\": a string that is not UTF-8; expected UTF-8")
    }
    #expect(
      message { try root.attribute("absent") }
        == "strings.h5: no attribute \"absent\"; expected an attribute of that name")
    #expect(
      message { try root.attribute("matrix").string() }
        == "strings.h5: attribute \"matrix\": has 32-bit signed integer elements; expected strings")
    #expect(
      message { try root.attribute("null_padded").string() }
        == "strings.h5: attribute \"null_padded\": has 3 elements; expected one")
    #expect(
      message { try root.attribute("utf8").number(Int.self) }
        == "strings.h5: attribute \"utf8\": has string elements; expected numbers")
    #expect(
      message { try root.dataset("fixed").read(Float.self) }
        == "strings.h5: fixed: has string elements; expected numbers")
  }
}
