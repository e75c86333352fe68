import Basics
import Testing

@testable import Supervision

/// Who shows text agrees with `Unicode.Scalar.isSafeToShow` on every scalar there is.
@Suite struct SafeTextTests {
    private static let scalars = (0...UInt32(0x10FFFF)).compactMap { Unicode.Scalar($0) }

    /// Those that are not shown as `expected` says; `show` gets many at a time, each on a line between two brackets.
    private static func faults(
        _ expected: (Unicode.Scalar) -> String, _ show: ([Unicode.Scalar]) -> [String]
    ) -> [String] {
        var faults: [String] = []
        var rest = scalars[...]
        while !rest.isEmpty, faults.count < 5 {
            let batch = Array(rest.prefix(4096))
            rest = rest.dropFirst(4096)
            for (scalar, line) in zip(batch, show(batch))
            where !line.unicodeScalars.elementsEqual("[\(expected(scalar))]".unicodeScalars) {
                faults.append("U+\(String(scalar.value, radix: 16)): \(line.debugDescription)")
            }
        }
        return faults
    }

    @Test func theLogReplacesWhatIsNotSafe() {
        let faults = Self.faults {
            $0.isSafeToShow ? String($0) : "?"
        } _: { batch in
            let log = Log(format: .text, lowestLevel: .info)
            for scalar in batch { log.write(.info, "[\(scalar)]") }
            return lines(log).map { String($0.dropFirst("drover: ".count)) }
        }
        #expect(faults == [])
    }

    @Test func theConsoleDropsControlsAndReplacesWhatElseIsNotSafe() {
        let faults = Self.faults { scalar in
            if scalar.isSafeToShow || scalar == "\t" { return String(scalar) }
            return scalar.properties.generalCategory == .control ? "" : "\u{FFFD}"
        } _: { batch in
            batch.map { scalar in
                var sanitizer = ConsoleSanitizer()
                var shown: [String] = []
                // A line feed is a line; what ESC begins is tested elsewhere.
                guard scalar != "\n", scalar != "\r", scalar != "\u{1B}" else { return "[]" }
                Array("[\(scalar)]\n".utf8).withUnsafeBytes {
                    sanitizer.feed($0) { shown.append(String(decoding: $0.text, as: UTF8.self)) }
                }
                return shown.joined(separator: "\n")
            }
        }
        #expect(faults == [])
    }

    private func lines(_ log: Log) -> [String] {
        var bytes: [UInt8] = []
        while !log.isEmpty {
            log.writeChunk { chunk in
                bytes += chunk
                return chunk.count
            }
        }
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.split(separator: "\n").map {
            String(String.UnicodeScalarView($0))
        }
    }
}
