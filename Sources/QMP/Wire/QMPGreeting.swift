/// QEMU's greeting as clients get it: out-of-band commands would overtake other clients', so none are offered.
enum QMPGreeting {
    static func withoutCapabilities(_ line: [UInt8]) -> [UInt8] {
        let capabilities = line.withUnsafeBytes { bytes -> Range<Int>? in
            guard let greeting = QMPMembers(bytes, in: 0..<bytes.count)?.find("QMP") else { return nil }
            return QMPMembers(bytes, in: greeting.value)?.find("capabilities")?.value
        }
        guard let capabilities else { return line + [13, 10] }
        return line[..<capabilities.lowerBound] + "[]".utf8 + line[capabilities.upperBound...] + [13, 10]
    }
}
