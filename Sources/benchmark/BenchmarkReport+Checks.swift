import Report

/// Whether fast is also right.
extension BenchmarkReport {
  /// Most differences that are listed one by one.
  private static let listed = 50

  var same: String {
    let rows = results.exactness.map { check in
      [
        check.name, Format.grouped(check.images), "\(check.steps)", Format.grouped(check.compared),
        Format.grouped(check.differences.count),
      ]
    }
    var parts: [String] = []
    if !rows.isEmpty {
      parts.append(
        """
        Predictions of the fast forward pass and sweep at every step, against those of the plain layers (patches and \
        matrix products, every step computed from \(results.workload.layer) on):
        """)
      parts.append(
        MarkdownTable(header: ["network", "images", "steps", "compared", "different"], rows: rows).text)
      parts += differences
    }
    parts += results.checks
    return parts.isEmpty ? "" : (["## Is it the same?"] + parts).joined(separator: "\n\n")
  }

  /// Each difference, with how close the two classes were.
  private var differences: [String] {
    let all = results.exactness.flatMap { check in check.differences.map { (check.name, $0) } }
    guard !all.isEmpty else { return [] }
    let rows = all.prefix(Self.listed).map { name, difference in
      [
        name, "\(difference.image)", "\(difference.silenced)", "\(difference.expected)", "\(difference.found)",
        Format.general(difference.margin),
      ]
    }
    let table = MarkdownTable(
      header: ["network", "image", "k", "plain layers", "sweep", "margin / largest logit"], rows: rows)
    let more = all.count - rows.count
    return [
      "Where they differ, the plain layers' two logits lie this close together:", table.text,
      more > 0 ? "And \(Format.grouped(more)) more." : "",
    ].filter { !$0.isEmpty }
  }

  var vectors: String {
    guard let disassembly = results.disassembly else { return "" }
    if let skipped = disassembly.skipped { return "## Are the kernels vectorised?\n\n\(skipped)" }
    let rows = disassembly.kernels.map {
      [
        $0.instructionSet, "`\($0.function)`", $0.register, "\($0.packed)", "\($0.scalar)",
        $0.isVectorised ? "yes" : "no",
      ]
    }
    return """
      ## Are the kernels vectorised?

      Multiplications in the built program's own instructions, fused with an addition or not:

      \(MarkdownTable(
        header: ["kernels", "function", "register", "packed", "scalar, and calls of fmaf", "vectorised"], rows: rows,
        textColumns: [0, 1, 2]).text)
      """
  }
}
