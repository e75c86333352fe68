import Basics

/// The lines PID 1 writes itself.
enum QMPLine {
    static func success(_ value: some Collection<UInt8>, id: [UInt8]?) -> [UInt8] {
        var line = Array("{\"return\": ".utf8)
        line += value
        line.append(id: id)
        return line
    }

    static func failure(_ error: QMPError, id: [UInt8]?) -> [UInt8] {
        var line = Array("{\"error\": {\"class\": ".utf8)
        line += error.class.jsonQuoted.utf8
        line += ", \"desc\": ".utf8
        line += error.desc.jsonQuoted.utf8
        line += "}".utf8
        line.append(id: id)
        return line
    }
}

/// Why a command is not carried out; `class` is for programs, `desc` for people.
struct QMPError: Error, Equatable {
    var `class` = "GenericError"
    let desc: String

    static func generic(_ desc: String) -> QMPError {
        QMPError(desc: desc)
    }

    static func notFound(_ desc: String) -> QMPError {
        QMPError(class: "CommandNotFound", desc: desc)
    }
}

extension String {
    /// A JSON string in ASCII, as QEMU writes its own.
    var jsonQuoted: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case " "..."~": text.unicodeScalars.append(scalar)
            default:
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return text + "\""
    }

    /// What a client wrote, fit for one line of a log or a message: bounded, and every character to be seen.
    init(visible bytes: some Collection<UInt8>, limit: Int) {
        self = ""
        // A scalar has four bytes at most: no more is decoded than can be shown.
        for scalar in String(decoding: bytes.prefix(limit * 4), as: UTF8.self).unicodeScalars {
            let shown = scalar.legible
            if unicodeScalars.count + shown.unicodeScalars.count > limit {
                self += "…"
                return
            }
            self += shown
        }
    }
}
