/// The largest singular value of a matrix, in additions, multiplications, divisions and square roots of IEEE 754 in a fixed
/// order: the same bits on every processor, which LAPACK does not promise.
package enum SpectralNorm {
  /// - Parameter matrix: (rows, columns), row-major.
  /// - Returns: within 1e-12 of it, relatively; not a number where an element is not finite.
  package static func of(_ matrix: [Double], rows: Int, columns: Int) -> Double {
    guard matrix.allSatisfy(\.isFinite) else { return .nan }
    // Scaled by a power of two, so that no square overflows or vanishes.
    let largest = matrix.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return 0 }
    let scale = Double(sign: .plus, exponent: Int(largest.exponent), significand: 1)
    let scaled = matrix.map { $0 / scale }
    var (gram, size) = gramMatrix(scaled, rows: rows, columns: columns)
    return largestEigenvalue(&gram, size).squareRoot() * scale
  }

  /// A Aᵀ or Aᵀ A, whichever is smaller.
  private static func gramMatrix(_ matrix: [Double], rows: Int, columns: Int) -> (values: [Double], size: Int) {
    let isWide = rows <= columns
    let (size, inner) = isWide ? (rows, columns) : (columns, rows)
    func element(_ index: Int, _ place: Int) -> Double {
      isWide ? matrix[index * columns + place] : matrix[place * columns + index]
    }
    var gram = [Double](repeating: 0, count: size * size)
    for one in 0..<size {
      for other in 0...one {
        var sum = 0.0
        for place in 0..<inner { sum += element(one, place) * element(other, place) }
        gram[one * size + other] = sum
        gram[other * size + one] = sum
      }
    }
    return (gram, size)
  }

  /// By cyclic Jacobi rotations until nothing beside the diagonal is left.
  ///
  /// Source: Golub & Van Loan, "Matrix computations", section 8.5.
  private static func largestEigenvalue(_ a: inout [Double], _ size: Int) -> Double {
    for _ in 0..<60 {
      var (beside, diagonal) = (0.0, 0.0)
      for row in 0..<size {
        diagonal += a[row * size + row] * a[row * size + row]
        for column in 0..<row { beside += a[row * size + column] * a[row * size + column] }
      }
      guard beside > 1e-30 * diagonal else { break }
      for p in 0..<size {
        for q in p + 1..<max(size, p + 1) where a[p * size + q] != 0 { rotate(&a, size, p, q) }
      }
    }
    return (0..<size).reduce(0) { max($0, a[$1 * size + $1]) }
  }

  /// Turns rows and columns p and q so that element (p, q) is 0.
  private static func rotate(_ a: inout [Double], _ size: Int, _ p: Int, _ q: Int) {
    let theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
    let cosine = 1 / (t * t + 1).squareRoot()
    let sine = t * cosine
    for k in 0..<size {
      let (first, second) = (a[k * size + p], a[k * size + q])
      a[k * size + p] = cosine * first - sine * second
      a[k * size + q] = sine * first + cosine * second
    }
    for k in 0..<size {
      let (first, second) = (a[p * size + k], a[q * size + k])
      a[p * size + k] = cosine * first - sine * second
      a[q * size + k] = sine * first + cosine * second
    }
  }
}
