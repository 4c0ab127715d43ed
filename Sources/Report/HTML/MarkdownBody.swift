import CMark
import Files
import Foundation
import Plotting

/// Markdown as the body of a page: tables that scroll, headings with names, figures in their places.
///
/// Of raw HTML only `details` and `summary` stay; links lead to files and to the web, and to nothing that runs. Source: the
/// GitHub Flavored Markdown specification, 0.29; parsed and rendered by libcmark-gfm.
struct MarkdownBody {
  /// A heading below the title.
  struct Heading: Equatable {
    let level: Int
    let text: String
    /// Its name in the page.
    let name: String
  }

  /// The first heading of level 1; empty without any.
  private(set) var title = ""
  /// Those of levels 2 and 3, in order.
  private(set) var headings: [Heading] = []
  /// The elements of the body.
  private(set) var html = ""

  private static let registered: Void = cmark_gfm_core_extensions_ensure_registered()
  private static let options: Int32 = CMARK_OPT_UNSAFE

  /// Parses and renders.
  /// - Parameter figures: elements by the target of the picture that they stand for; other pictures become links.
  /// - Throws: `SystemError` where libcmark-gfm has no memory or no tables.
  init(_ text: String, figures: [String: String]) throws {
    _ = Self.registered
    guard let parser = cmark_parser_new(Self.options), let tables = cmark_find_syntax_extension("table"),
      cmark_parser_attach_syntax_extension(parser, tables) == 1
    else {
      throw SystemError("libcmark-gfm", found: "no parser of tables", expected: "libcmark-gfm 0.29 with its extensions")
    }
    defer { cmark_parser_free(parser) }
    cmark_parser_feed(parser, text, text.utf8.count)
    guard let document = cmark_parser_finish(parser) else {
      throw SystemError("libcmark-gfm", found: "no document", expected: "memory for one")
    }
    defer { cmark_node_free(document) }
    let all = Self.nodes(of: document)
    let headings = all.filter { Self.kind($0) == "heading" }.map {
      (cmark_node_get_heading_level($0), Self.text(of: $0))
    }
    var section = headings.first?.1 ?? ""
    for node in all {
      switch Self.kind(node) {
      case "html_block", "html_inline": Self.filter(node)
      case "link": Self.checkTarget(of: node)
      case "heading": section = Self.text(of: node)
      case "table": Self.wrap(node, start: Self.scrolling("Table: \(section)"), end: "</div>")
      case "image": Self.place(node, figures)
      default: break
      }
    }
    guard let rendered = cmark_render_html(document, Self.options, cmark_parser_get_syntax_extensions(parser)) else {
      throw SystemError("libcmark-gfm", found: "no text", expected: "memory for it")
    }
    defer { free(rendered) }
    html = String(cString: rendered).replacing("<th>", with: "<th scope=\"col\">")
      .replacing("<th align", with: "<th scope=\"col\" align")
    name(headings.map { (Int($0), $1) })
  }

  /// The start of an element that scrolls by itself, and that a keyboard reaches.
  static func scrolling(_ label: String) -> String {
    "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"\(MarkupText.escaped(label))\">"
  }

  /// Gives each heading a name, so that the contents lead to it.
  private mutating func name(_ all: [(level: Int, text: String)]) {
    var named = ""
    var rest = html[...]
    var used: [String: Int] = [:]
    for (level, text) in all {
      guard let tag = rest.range(of: "<h\(level)>") else { continue }
      var name = Self.slug(text)
      used[name, default: 0] += 1
      if let count = used[name], count > 1 { name += "-\(count)" }
      named += rest[..<tag.lowerBound] + "<h\(level) id=\"\(name)\">"
      rest = rest[tag.upperBound...]
      if level == 1, title.isEmpty { title = text }
      if level == 2 || level == 3 { headings.append(Heading(level: level, text: text, name: name)) }
    }
    html = named + rest
  }

  private static func slug(_ text: String) -> String {
    let words = text.lowercased().split { !$0.isASCII || !$0.isLetter && !$0.isNumber }
    return words.isEmpty ? "section" : words.joined(separator: "-")
  }
}

// MARK: The tree

extension MarkdownBody {
  private typealias Node = OpaquePointer

  /// Every node, a parent before its children.
  private static func nodes(of document: Node) -> [Node] {
    guard let iterator = cmark_iter_new(document) else { return [] }
    defer { cmark_iter_free(iterator) }
    var nodes: [Node] = []
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { return nodes }
      if event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) { nodes.append(node) }
    }
  }

  private static func kind(_ node: Node) -> String { String(cString: cmark_node_get_type_string(node)) }

  private static func literal(_ node: Node) -> String { cmark_node_get_literal(node).map { String(cString: $0) } ?? "" }

  private static func target(_ node: Node) -> String { cmark_node_get_url(node).map { String(cString: $0) } ?? "" }

  private static func text(of node: Node) -> String {
    nodes(of: node).map { ["text", "code"].contains(kind($0)) ? literal($0) : kind($0) == "softbreak" ? " " : "" }
      .joined()
  }

  /// Takes every tag but those of folded parts as text.
  private static func filter(_ node: Node) {
    let text = literal(node).replacing(/<(?!\/?(?:details|summary)>)/) { _ in "&lt;" }
    cmark_node_set_literal(node, text)
  }

  /// Leaves a link's target where it is a path or a page on the web.
  private static func checkTarget(of node: Node) {
    let target = target(node)
    let scheme = target.prefix { !":/?#".contains($0) }
    guard target.dropFirst(scheme.count).first == ":" else { return }
    if !["http", "https", "mailto"].contains(scheme.lowercased()) { cmark_node_set_url(node, "") }
  }

  /// Puts a block around another.
  private static func wrap(_ node: Node, start: String, end: String) {
    guard let block = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK) else { return }
    cmark_node_set_on_enter(block, start)
    cmark_node_set_on_exit(block, end)
    cmark_node_insert_before(node, block)
    cmark_node_append_child(block, node)
  }

  /// Puts a figure where its picture stands alone in a paragraph, with the emphasised paragraph after it as its caption.
  private static func place(_ image: Node, _ figures: [String: String]) {
    guard let paragraph = cmark_node_parent(image) else { return }
    let isAlone = cmark_node_next(image) == nil && cmark_node_previous(image) == nil && kind(paragraph) == "paragraph"
    guard isAlone, let figure = figures[target(image)] else {
      makeLink(image)
      return
    }
    if let caption = cmark_node_next(paragraph), kind(caption) == "paragraph",
      let emphasis = cmark_node_first_child(caption), kind(emphasis) == "emph", cmark_node_next(emphasis) == nil
    {
      wrap(caption, start: figure + "\n<figcaption>", end: "</figcaption>\n</figure>")
    } else {
      guard let block = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK) else { return }
      cmark_node_set_on_enter(block, figure)
      cmark_node_set_on_exit(block, "</figure>")
      cmark_node_insert_before(paragraph, block)
    }
    cmark_node_unlink(paragraph)
    cmark_node_free(paragraph)
  }

  /// A picture that is not in the page is not loaded: its description leads to it.
  private static func makeLink(_ image: Node) {
    guard let link = cmark_node_new(CMARK_NODE_LINK) else { return }
    cmark_node_set_url(link, target(image))
    checkTarget(of: link)
    cmark_node_insert_before(image, link)
    while let child = cmark_node_first_child(image) { cmark_node_append_child(link, child) }
    cmark_node_unlink(image)
    cmark_node_free(image)
  }
}
