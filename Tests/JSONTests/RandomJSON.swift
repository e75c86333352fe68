import JSON

/// Random values from a seed (SplitMix64).
struct RandomJSON: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }

    mutating func text() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &self) {
            let limit: UInt32 = [0x20, 0x80, 0x3000, 0x11_0000].randomElement(using: &self) ?? 0x80
            guard let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &self)) else { continue }
            // QEMU refuses these, and so do we.
            if scalar.value & 0xfffe != 0xfffe, !(0xfdd0...0xfdef).contains(scalar.value) { text.append(scalar) }
        }
        return String(text)
    }

    mutating func value(depth: Int = 4) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &self) {
        case 0: return .null
        case 1: return .boolean(.random(using: &self))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &self))
        case 3: return .integer(UInt64.random(in: .min ... .max, using: &self))
        case 4: return .double(Double(bitPattern: .random(in: .min ... .max, using: &self)))
        case 5, 6: return .string(text())
        case 7:
            return .array((0..<Int.random(in: 0..<5, using: &self)).map { _ in value(depth: depth - 1) })
        default:
            let count = Int.random(in: 0..<12, using: &self)
            return .object((0..<count).map { (name: "\($0)" + text(), value: value(depth: depth - 1)) })
        }
    }
}
