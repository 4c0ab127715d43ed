import Datasets
import Files
import ModelFiles

/// The files that a record was made from, hashed again.
struct RecordedInputs {
  /// Where the network is.
  let model: String
  /// Where the faces are.
  let data: Splits<String>
  /// Whether the files are those of the record.
  private(set) var modelIsSame = false
  private(set) var splitIsSame = Splits<Bool>()
  private(set) var triggersAreSame = true
  private(set) var findings: [Finding] = []

  /// - Parameter folder: of the run; what was trained there is named by paths inside it.
  /// - Parameter keepsRecordAlone: whether the run's own files were never meant to stay.
  init(_ record: RunRecord, folder: String, keepsRecordAlone: Bool, options: RunVerification.Options) {
    (model, data) = Self.places(record, folder: folder, options: options)
    let isElsewhere = record.training == nil
    let isGone = !isElsewhere && keepsRecordAlone
    if keepsRecordAlone {
      findings.append(.same("files", "the record alone was kept; espalier run with this folder makes the others again"))
    }
    for (trigger, digest) in zip(record.attack?.triggers ?? [], record.attack?.sha256 ?? []) {
      guard let digest else { continue }
      findings.append(Self.finding("trigger", trigger, digest: digest, option: nil))
      triggersAreSame = triggersAreSame && findings.last?.verdict == .same
    }
    if !isGone || options.model != nil {
      let option = isElsewhere ? "--model" : nil
      let finding = Self.finding("model", model, digest: record.model.sha256, option: option, isModel: true)
      findings.append(finding)
      modelIsSame = finding.verdict == .same
    }
    for split in Split.allCases {
      guard let path = data[split], let source = record.data[split] else { continue }
      guard record.attack == nil || !split.isBackdoored else { continue }
      // Made again from the seed, and compared with their digests there.
      if isGone, options.data[split] == nil { continue }
      let finding = Self.finding(
        split.title, path, digest: source.sha256, option: isElsewhere ? split.option : nil)
      findings.append(finding)
      splitIsSame[split] = finding.verdict == .same
    }
  }

  /// Where the network and the faces are.
  static func places(
    _ record: RunRecord, folder: String, options: RunVerification.Options
  ) -> (model: String, data: Splits<String>) {
    func place(_ path: String) -> String { record.training == nil ? path : "\(folder)/\(path)" }
    return (
      options.model ?? place(record.model.path),
      record.data.map { split, source in
        // What was made from a clean split is where that one is.
        let moved = record.attack == nil ? split : Split.pairs.first { $0.backdoored == split }?.clean ?? split
        return options.data[moved] ?? place(source.path)
      }
    )
  }

  /// - Parameter option: says where a file lies that has moved; nil for one in the run's folder.
  private static func finding(
    _ item: String, _ path: String, digest: String, option: String?, isModel: Bool = false
  ) -> Finding {
    let source = try? ImageSource(path)
    guard OutputFile.isFile(path) || source?.exists == true else {
      let hint = option.map { "; \($0) says where it lies now" } ?? ""
      return .compared(item, path, differences: ["\(path): no such file\(hint)"])
    }
    do {
      // A model's path is a file, whatever its name.
      let found =
        try OutputFile.isFile(path) && source?.isPlain != false
        ? (isModel ? ModelFile.digest(of: path) : FileDigest.sha256(ofFileAt: path)) : ImageSource(path).digest()
      return .compared(item, path, differences: digestDifference(path, recorded: digest, found: found))
    } catch {
      return .compared(item, path, differences: ["\(error)"])
    }
  }
}

/// The difference of two digests in as few digits as tell them apart.
func digestDifference(_ name: String, recorded: String, found: String) -> [String] {
  guard recorded != found else { return [] }
  let digits = recorded.prefix(8) == found.prefix(8) ? 64 : 8
  return ["\(name): SHA-256 \(recorded.prefix(digits)) recorded, \(found.prefix(digits)) now"]
}
