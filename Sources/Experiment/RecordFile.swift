import Datasets
import Files
import Foundation

/// Run records as files.
extension RunRecord {
  /// The record as JSON: keys in alphabetical order, the same record always the same bytes.
  public var json: String {
    get throws { try JSONText.of(self) }
  }

  /// Reads a record.
  /// - Parameter path: a `run.json`, or the folder that holds it.
  /// - Throws: `InputError` for what is no record, or one that contradicts itself.
  public static func read(_ path: String) throws -> RunRecord {
    let file = OutputFile.isFolder(path) ? "\(path)/run.json" : path
    guard let bytes = try? FileBytes.read(file, limit: 1 << 31) else {
      throw InputError(file, found: "no such file", expected: "a run record (run.json)")
    }
    return try decoded(Data(bytes), location: file)
  }

  /// The record that bytes hold.
  /// - Parameter file: what errors call them.
  /// - Throws: as `read`.
  package static func decoded(_ data: Data, location file: String) throws -> RunRecord {
    let record: RunRecord
    let expected = "a run record of schema \(currentSchema)"
    do {
      let decoded = Result { try decode(data) }
      // Looked at by itself only where there may be something wrong: reading twice would take half as long again.
      if (try? decoded.get().schema) != currentSchema {
        let schema: Int
        do {
          schema = try JSONDecoder().decode(SchemaOnly.self, from: data).schema
        } catch DecodingError.dataCorrupted {
          throw InputError(file, found: "text that is not JSON", expected: expected)
        }
        guard schema == currentSchema else {
          throw InputError(file, found: "schema \(schema)", expected: "schema \(currentSchema)")
        }
      }
      record = try decoded.get()
    } catch let error as DecodingError {
      throw InputError(file, found: error.place, expected: expected)
    }
    try record.check(location: file)
    return record
  }

  private static func decode(_ data: Data) throws -> RunRecord {
    if let (curve, rest) = CurveScanner.take(from: data),
      var record = try? JSONDecoder().decode(RunRecord.self, from: rest), record.curve.isEmpty
    {
      record.curve = curve
      return record
    }
    return try JSONDecoder().decode(RunRecord.self, from: data)
  }

  private struct SchemaOnly: Decodable { let schema: Int }

  /// - Throws: `InputError` where the parts of the record do not fit together.
  private func check(location: String) throws {
    func require(
      _ condition: Bool, _ found: @autoclosure () -> String, _ expected: @autoclosure () -> String
    ) throws {
      guard condition else { throw InputError(location, found: found(), expected: expected()) }
    }
    try require((1...1 << 28).contains(channels), "channels is \(channels)", "1...\(1 << 28)")
    let isWhole = layers != nil
    try require(
      isWhole ? (2...channels + 1).contains(curve.count) : curve.count == channels + 1,
      "curve has \(curve.count) points", isWhole ? "2...\(channels + 1)" : "\(channels + 1)")
    if let layers {
      try require(
        layers.allSatisfy { (1...1 << 28).contains($0.channels) && layers.count <= 1 << 16 }
          && layers.reduce(0) { $0 + $1.channels } == channels,
        "layers of other numbers of channels", "\(channels) in all")
    }
    func isWord(_ text: String) -> Bool {
      (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
    }
    for word in [defence].compactMap(\.self) + (defenceOptions.map { Array($0.keys) } ?? []) {
      try require(isWord(word), "the defence or setting \(word)", "small letters and hyphens")
    }
    try require(scores?.count ?? channels == channels, "scores has \(scores?.count ?? 0) values", "\(channels)")
    try require(meanActivation.count == channels, "meanActivation has \(meanActivation.count) values", "\(channels)")
    try require(
      pruneOrder.sorted() == Array(0..<channels), "pruneOrder is no permutation", "0...\(channels - 1), each once")
    try require(data.cleanValid != nil, "no clean validation split", "one")
    if let attack = training?.recipe.attack {
      try require(
        attack.targets.count == 1 || !attack.targets.isEmpty && attack.targets.count == attack.triggers.count,
        "\(attack.targets.count) targets for \(attack.triggers.count) triggers", "one for all, or one for each")
    }
    if let attack {
      try require(
        (attack.targets.count == 1 || attack.targets.count == attack.triggers.count) && !attack.triggers.isEmpty
          && attack.sha256.count == attack.triggers.count,
        "\(attack.targets.count) targets and \(attack.sha256.count) digests for \(attack.triggers.count) triggers",
        "a target for all, or one for each, and a digest for each")
    }
    for split in Split.allCases {
      guard let rows = data[split]?.rows else { continue }
      try require((1...1 << 31).contains(rows), "\(rows) rows in \(split.rawValue)", "1...\(1 << 31)")
    }
    if let sample = validationSample {
      try require(
        sample.rows == data.cleanValid?.rows && sample.rows <= sample.available,
        "a validation sample of \(sample.rows) of \(sample.available)", "the rows of cleanValid")
    }
    for (place, point) in curve.enumerated() {
      let k = point.channelsPruned
      if isWhole {
        try require(
          place == 0 ? k == 0 : k > curve[place - 1].channelsPruned && k <= channels,
          "curve point \(place) has channelsPruned \(k)", "more than the point before, and at most \(channels)")
        try require(
          place + 1 < curve.count || k == channels, "the curve ends after \(k) channels", "\(channels)")
      } else {
        try require(k == place, "curve point \(place) has channelsPruned \(k)", "\(place)")
      }
      try require(
        point.channel == (k == 0 ? nil : pruneOrder[k - 1]), "curve point \(k) names another channel",
        "that of pruneOrder")
    }
    let rates =
      curve.map(\.rates)
      + (repaired + [own?.asRepaired].compactMap(\.self)).filter { $0.channelsPruned != nil }
      .flatMap { [$0.network, $0.goodNet, $0.flagged] }
    for split in Split.allCases {
      let rows = data[split]?.rows ?? 0
      for rate in rates.map({ $0[split] }) {
        try require(
          (rate == nil) == (data[split] == nil), "\(split.rawValue) is there in part", "everywhere or nowhere")
        guard let rate else { continue }
        try require(
          rate.hits >= 0 && rate.hits <= rate.total
            && (split.isBackdoored && excludesTarget ? rate.total <= rows : rate.total == rows),
          "\(rate.hits) of \(rate.total) in \(split.rawValue)", "hits within \(rows) rows")
        // Which rows are left out does not depend on what is pruned.
        let counted = baseline[split]?.total ?? rows
        try require(
          rate.total == counted, "\(rate.hits) of \(rate.total) in \(split.rawValue)",
          "of \(counted) rows, as before pruning")
      }
    }
    let stops =
      repaired.map { ("X = \($0.drop)", $0) } + [own.map { ("the own stop", $0.asRepaired) }].compactMap(\.self)
    for (name, entry) in stops {
      for split in Split.allCases {
        let rows = data[split]?.rows ?? 0
        if let counts = entry.discordant[split] {
          try require(
            (0...rows).contains(counts.onlyOriginal) && (0...rows).contains(counts.onlyRepaired),
            "\(counts.onlyOriginal) and \(counts.onlyRepaired) discordant rows in \(split.rawValue)",
            "counts within \(rows) rows")
        }
        // Of an X that is not reached there should be none; the others are looked at above.
        for rate in [entry.network, entry.goodNet, entry.flagged].compactMap({ $0[split] }) {
          try require(
            rate.hits >= 0 && rate.hits <= rate.total && rate.total <= rows,
            "\(rate.hits) of \(rate.total) in \(split.rawValue)", "hits within \(rows) rows")
        }
      }
      guard let pruned = entry.channelsPruned else { continue }
      try require((0...channels).contains(pruned), "k = \(pruned) for \(name)", "0...\(channels)")
      try require(
        entry.prunedChannels == Array(pruneOrder.prefix(pruned)), "prunedChannels of \(name) differ",
        "the first \(pruned) of pruneOrder")
      let point = self.rates(after: pruned)
      try require(
        entry.tuning != nil || entry.network == point, "network of \(name) differs", "the curve's point \(pruned)")
    }
    let recovered =
      [recoveryAccuracy].compactMap(\.self)
      + stops.compactMap { $1.recoveryAccuracy }.flatMap { [$0.repaired, $0.goodNet] }
    for rate in recovered.flatMap({ [$0.backdooredValid, $0.backdooredTest] }).compactMap(\.self) {
      try require(
        rate.hits >= 0 && rate.hits <= rate.total && rate.total <= 1 << 31, "\(rate.hits) of \(rate.total) recovered",
        "hits within the rows")
    }
  }
}

extension RunRecord.RepairedNetwork {
  /// Rows that G flags, by split.
  fileprivate var flagged: Splits<Rate> {
    Splits(
      cleanValid: detectionValid.falsePositives, cleanTest: detection.falsePositives,
      backdooredValid: detectionValid.truePositives, backdooredTest: detection.truePositives)
  }
}

extension DecodingError {
  /// What does not decode, in a few words.
  var place: String {
    func path(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
      let keys = context.codingPath + (last.map { [$0] } ?? [])
      return keys.isEmpty
        ? "" : " at " + keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
    switch self {
    case .keyNotFound(let key, let context): return "nothing\(path(context, key))"
    case .typeMismatch(_, let context): return "a value of the wrong type\(path(context))"
    case .valueNotFound(_, let context): return "null\(path(context))"
    case .dataCorrupted(let context):
      return "a value out of range\(path(context))"
    @unknown default: return "a value that does not decode"
    }
  }
}
