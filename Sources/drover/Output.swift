import Glibc
import Linux

/// Writes to standard output at once: whoever feeds us lines may wait for each answer.
func show(_ text: String) {
    print(text, terminator: "")
    fflush(nil)
}

/// One line each on stderr.
func report(_ lines: [some CustomStringConvertible]) {
    writeToStandardError(lines.map { "drover: \($0)\n" }.joined())
}
