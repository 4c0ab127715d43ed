import Files

extension ModelFile {
  /// The SHA-256 of a network, as 64 hexadecimal digits: that of its file; where weights lie in files beside it, that of one
  /// line `digest name` for each, the network's own file first, the others in the order of their names' bytes.
  /// - Throws: `InputError` where one of the files cannot be read or is outside the network's folder.
  package static func digest(of path: String) throws -> String {
    let own = try FileDigest.sha256(ofFileAt: path)
    guard try format(of: path) == ONNXModelFile.self else { return own }
    let beside = try ONNXModelFile.filesBeside(path)
    guard !beside.isEmpty else { return own }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let lines =
      try ["\(own) \(name)\n"]
      + beside.map { "\(try FileDigest.sha256(ofFileAt: $0.path)) \($0.location)\n" }
    return try FileDigest.sha256(of: Array(lines.joined().utf8))
  }
}

extension ONNXModelFile {
  /// The files beside a model that hold its weights, as it names them and where they are, in the order of the names' bytes.
  static func filesBeside(_ path: String) throws -> [(location: String, path: String)] {
    let model = try message(path)
    var locations: [String: String] = [:]
    func addTensor(_ tensor: ONNXTensorProto) {
      guard tensor.dataLocation == 1 else { return }
      for entry in tensor.externalData where entry.key == "location" { locations[entry.value] = tensor.name }
    }
    func addNodes(_ nodes: [ONNXNodeProto]) {
      for attribute in nodes.lazy.flatMap(\.attribute) {
        if attribute.hasT { addTensor(attribute.t) }
        if attribute.hasG { addGraph(attribute.g) }
      }
    }
    func addGraph(_ graph: ONNXGraphProto) {
      graph.initializer.forEach(addTensor)
      addNodes(graph.node)
    }
    addGraph(model.graph)
    for function in model.functions { addNodes(function.node) }
    let reader = ONNXTensorReader(path: path)
    return try locations.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { location, tensor in
      (location, try reader.file(location, tensor))
    }
  }
}
