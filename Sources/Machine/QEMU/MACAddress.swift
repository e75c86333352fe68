import Basics

enum MACAddress {
    /// The MAC address of a guest whose owner set none: the same on every start, another one for another disk.
    ///
    /// `52:54:00` is the prefix QEMU uses; the rest is an FNV-1a hash of the disk's path.
    ///
    /// - Parameter card: 0 for the first.
    static func stable(forDisk path: String, card: UInt8 = 0) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in Array(path.utf8) + (card == 0 ? [] : [0, card]) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let octets = [hash >> 16 & 0xff, hash >> 8 & 0xff, hash & 0xff]
        return "52:54:00:"
            + octets.map { octet in (octet < 16 ? "0" : "") + String(octet, radix: 16) }.joined(separator: ":")
    }
}

extension ValueSyntax where Value == String {
    /// In lower case.
    static var macAddress: ValueSyntax<String> {
        ValueSyntax("XX:XX:XX:XX:XX:XX", range: "a unicast address") { text throws(Rejection) in
            let octets = text.split(separator: ":", omittingEmptySubsequences: false)
            let values = octets.compactMap { $0.utf8.count == 2 && $0.first != "+" ? UInt8($0, radix: 16) : nil }
            guard octets.count == 6, values.count == 6, let first = values.first else {
                throw Rejection(text, "is not a MAC address; write six octets, such as 52:54:00:12:34:56")
            }
            guard first & 1 == 0 else {
                throw Rejection(text, "is a multicast address; make the first octet even, such as 52:54:00:12:34:56")
            }
            guard values.contains(where: { $0 != 0 }) else {
                throw Rejection(text, "is no station's address; write another, such as 52:54:00:12:34:56")
            }
            return text.lowercased()
        } show: {
            $0
        }
    }
}
