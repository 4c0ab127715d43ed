import Files
import Testing

@Suite struct VisibleTextTests {
  @Test(arguments: [
    ("plain, ä and 名", "plain, ä and 名", "plain, ä and 名"),
    ("\u{1B}[31m\u{07}x", "\\u{1B}[31m\\u{07}x", "\\u001b[31m\\u0007x"),
    ("a\u{9B}2J\u{7F}", "a\\u{009B}2J\\u{7F}", "a\\u009b2J\\u007f"),
    ("a\r\nb", "a\\r\\nb", "a\\u000d\nb"),
    ("a\tb", "a\\tb", "a\\u0009b"),
    ("5.h\u{202E}gnp\u{2066}\u{2028}", "5.h\\u{202E}gnp\\u{2066}\\u{2028}", "5.h\\u202egnp\\u2066\\u2028"),
  ])
  func whatMovesACursorOrTurnsTextIsEscaped(text: String, line: String, json: String) {
    #expect(VisibleText.line(text) == line)
    #expect(VisibleText.json(text) == json)
  }

  @Test func linesKeepTheirBreaksAndTabs() {
    #expect(VisibleText.lines("a\n\tb\r\u{1B}") == "a\n\tb\\r\\u{1B}")
  }
}
