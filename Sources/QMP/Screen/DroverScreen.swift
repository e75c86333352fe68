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
            let cursor = screen.cursor.map { cursor -> JSONValue in
                ["column": .integer(cursor.column), "row": .integer(cursor.row), "visible": .boolean(cursor.isVisible)]
            }
            return [
                "cells": JSONValue(.string(cells)), "columns": .integer(screen.columns), "cursor": cursor ?? .null,
                "lines": .strings(screen.lines), "mode": "text", "rows": .integer(screen.rows),
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
            let cursor = try json.member("cursor").isNull ? nil : json.read("cursor", TextScreen.Cursor.init)
            let columns: Int = try json.integer("columns")
            let rows: Int = try json.integer("rows")
            guard let screen = TextScreen(columns: columns, rows: rows, cells: cells, cursor: cursor) else {
                throw JSONMismatch(at: "cells", expected: "four digits for each of a screen's cells")
            }
            self = .text(screen)
        default:
            throw JSONMismatch(at: "mode", expected: "text, graphics or none")
        }
    }
}

extension TextScreen.Cursor {
    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(
            row: try json.integer("row"), column: try json.integer("column"), isVisible: try json.boolean("visible"))
    }
}
