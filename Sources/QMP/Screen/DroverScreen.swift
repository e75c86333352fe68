import JSON

/// What the guest's screen shows: the answer to the QMP command `drover-screen`.
public enum DroverScreen: Equatable, Sendable {
    case text(TextScreen)
    /// Pixels, which `screendump` shows.
    case graphics
    /// Nothing has written a text, or the machine has no VGA adapter.
    case none

    public var text: TextScreen? { if case .text(let screen) = self { screen } else { nil } }

    public var jsonValue: JSONValue {
        switch self {
        case .graphics: return ["mode": "graphics"]
        case .none: return ["mode": "none"]
        case .text(let screen):
            let digits = Array("0123456789abcdef".utf8)
            let cells = screen.cells.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            return [
                "cells": JSONValue(.string(cells)), "columns": .integer(TextScreen.columns),
                "lines": .strings(screen.lines), "mode": "text", "rows": .integer(TextScreen.rows),
            ]
        }
    }

    public init(_ json: JSONValue) throws(JSONMismatch) {
        switch try json.string("mode") {
        case "graphics": self = .graphics
        case "none": self = .none
        case "text":
            let digits = try json.member("cells").string ?? []
            var cells: [UInt8] = []
            for index in stride(from: 0, to: digits.count - 1, by: 2) {
                guard let cell = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                    throw JSONMismatch(at: "cells", expected: "hexadecimal digits")
                }
                cells.append(cell)
            }
            guard let screen = TextScreen(cells: cells) else {
                throw JSONMismatch(at: "cells", expected: "four digits for each of 80 × 25 cells")
            }
            self = .text(screen)
        default:
            throw JSONMismatch(at: "mode", expected: "text, graphics or none")
        }
    }
}
