/// Access that says what is wrong, for values whose shape is known.
extension JSONValue {
    /// - Throws: when there is no such member.
    public func member(_ name: String) throws(JSONMismatch) -> JSONValue {
        guard members != nil else { throw JSONMismatch(expected: "an object") }
        guard let value = self[name] else { throw JSONMismatch(at: name, expected: "a value") }
        return value
    }

    public func string(_ name: String) throws(JSONMismatch) -> String {
        try read(name, Self.string)
    }

    public func stringIfPresent(_ name: String) throws(JSONMismatch) -> String? {
        try readIfPresent(name, Self.string)
    }

    public func boolean(_ name: String) throws(JSONMismatch) -> Bool {
        try read(name) { value throws(JSONMismatch) in try require(value.boolean, "true or false") }
    }

    public func booleanIfPresent(_ name: String) throws(JSONMismatch) -> Bool? {
        guard let value = self[name], !value.isNull else { return nil }
        return try boolean(name)
    }

    public func integer<Integer: FixedWidthInteger>(
        _ name: String, as type: Integer.Type = Integer.self
    ) throws(JSONMismatch) -> Integer {
        guard let integer = try member(name).integer(as: type) else {
            throw JSONMismatch(at: name, expected: "an integer from \(Integer.min) to \(Integer.max)")
        }
        return integer
    }

    public func integerIfPresent<Integer: FixedWidthInteger>(
        _ name: String, as type: Integer.Type = Integer.self
    ) throws(JSONMismatch) -> Integer? {
        guard let value = self[name], !value.isNull else { return nil }
        return try integer(name)
    }

    public func double(_ name: String) throws(JSONMismatch) -> Double {
        try read(name) { value throws(JSONMismatch) in try require(value.double, "a number") }
    }

    /// A member in the shape that `make` gives it; what is wrong inside is said with its way there, such as `qemu.pid`.
    public func read<Shape>(
        _ name: String, _ make: (JSONValue) throws(JSONMismatch) -> Shape
    ) throws(JSONMismatch) -> Shape {
        let value = try member(name)
        do throws(JSONMismatch) {
            return try make(value)
        } catch {
            throw error.inside(name)
        }
    }

    /// The same, but nil when the member is not there or null.
    public func readIfPresent<Shape>(
        _ name: String, _ make: (JSONValue) throws(JSONMismatch) -> Shape
    ) throws(JSONMismatch) -> Shape? {
        guard let value = self[name], !value.isNull else { return nil }
        return try read(name, make)
    }

    /// Every element of an array member.
    public func list<Shape>(
        _ name: String, _ make: (JSONValue) throws(JSONMismatch) -> Shape
    ) throws(JSONMismatch) -> [Shape] {
        try read(name) { value throws(JSONMismatch) in
            var shapes: [Shape] = []
            for (index, element) in try require(value.elements, "an array").enumerated() {
                do throws(JSONMismatch) {
                    shapes.append(try make(element))
                } catch {
                    throw error.inside(String(index))
                }
            }
            return shapes
        }
    }

    public func listIfPresent<Shape>(
        _ name: String, _ make: (JSONValue) throws(JSONMismatch) -> Shape
    ) throws(JSONMismatch) -> [Shape]? {
        guard let value = self[name], !value.isNull else { return nil }
        return try list(name, make)
    }

    private static func string(_ value: JSONValue) throws(JSONMismatch) -> String {
        try require(value.text, "a string")
    }
}

private func require<Shape>(_ shape: Shape?, _ expected: String) throws(JSONMismatch) -> Shape {
    guard let shape else { throw JSONMismatch(expected: expected) }
    return shape
}
