import JSON
import Testing

private let text = #"""
    {"s": "é", "i": 9223372036854775807, "u": 18446744073709551615, "f": 1.5, "e": 1e3, "big": 1e999, "t": true,
     "n": null, "a": [{"x": 1}, {"x": "y"}], "o": {"p": {"q": -1}}}
    """#

private func parsed() throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

@Test func membersHaveTypes() throws {
    let json = try parsed()
    #expect(try json.string("s") == "é")
    #expect(try json.integer("i", as: Int64.self) == .max)
    // rd_total_time_ns and its like in query-blockstats.
    #expect(try json.integer("u", as: UInt64.self) == .max)
    #expect(try json.double("f") == 1.5)
    #expect(try json.double("e") == 1000)
    #expect(try json.boolean("t"))
    #expect(json.has("t") && !json.has("n") && !json.has("?"))
    #expect(try json.read("o") { value throws(JSONMismatch) in try value.member("p").integer("q", as: Int.self) } == -1)
}

private let mismatches: [(String, @Sendable (JSONValue) throws(JSONMismatch) -> Void)] = [
    ("?: expected a value", { json throws(JSONMismatch) in _ = try json.string("?") }),
    ("i: expected a string", { json throws(JSONMismatch) in _ = try json.string("i") }),
    ("t: expected a number", { json throws(JSONMismatch) in _ = try json.double("t") }),
    ("big: expected a number", { json throws(JSONMismatch) in _ = try json.double("big") }),
    ("s: expected true or false", { json throws(JSONMismatch) in _ = try json.boolean("s") }),
    (
        "f: expected an integer from -128 to 127",
        { json throws(JSONMismatch) in _ = try json.integer("f", as: Int8.self) }
    ),
    (
        "u: expected an integer from 0 to 65535",
        { json throws(JSONMismatch) in _ = try json.integer("u", as: UInt16.self) }
    ),
    ("s: expected an array", { json throws(JSONMismatch) in _ = try json.list("s") { $0 } }),
    (
        "a.1.x: expected an integer from 0 to 255",
        { json throws(JSONMismatch) in
            _ = try json.list("a") { value throws(JSONMismatch) in try value.integer("x", as: UInt8.self) }
        }
    ),
    (
        "o.p.q: expected a string",
        { json throws(JSONMismatch) in
            _ = try json.read("o") { outer throws(JSONMismatch) in
                try outer.read("p") { inner throws(JSONMismatch) in try inner.string("q") }
            }
        }
    ),
    (
        "s: expected an object",
        { json throws(JSONMismatch) in
            _ = try json.read("s") { value throws(JSONMismatch) in try value.member("x") }
        }
    ),
]

@Test func aMismatchNamesItsPlace() throws {
    let json = try parsed()
    for (message, read) in mismatches {
        do throws(JSONMismatch) {
            try read(json)
            Issue.record("nothing was thrown; expected: \(message)")
        } catch {
            #expect(error.description == message)
        }
    }
}
