/// Access that says what is wrong, for values whose shape is known.
extension JSONValue {
    /// - Throws: when there is no such member.
    public func member(_ name: String) throws(JSONMismatch) -> JSONValue {
        guard members != nil else { throw JSONMismatch(expected: "an object") }
        guard let value = self[name] else { throw JSONMismatch(at: name, expected: "a value") }
        return value
    }

    public func string(_ name: String) throws(JSONMismatch) -> String {
        guard let text = try member(name).text else { throw JSONMismatch(at: name, expected: "a string") }
        return text
    }

    public func boolean(_ name: String) throws(JSONMismatch) -> Bool {
        guard let value = try member(name).boolean else { throw JSONMismatch(at: name, expected: "true or false") }
        return value
    }

    public func integer<Integer: FixedWidthInteger>(
        _ name: String, as type: Integer.Type = Integer.self
    ) throws(JSONMismatch) -> Integer {
        guard let value = try member(name).integer(as: type) else {
            throw JSONMismatch(at: name, expected: "an integer from \(Integer.min) to \(Integer.max)")
        }
        return value
    }

    public func double(_ name: String) throws(JSONMismatch) -> Double {
        guard let value = try member(name).double else { throw JSONMismatch(at: name, expected: "a number") }
        return value
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

    /// Every element of an array member.
    public func list<Shape>(
        _ name: String, _ make: (JSONValue) throws(JSONMismatch) -> Shape
    ) throws(JSONMismatch) -> [Shape] {
        guard let elements = try member(name).elements else { throw JSONMismatch(at: name, expected: "an array") }
        var shapes: [Shape] = []
        for (index, element) in elements.enumerated() {
            do throws(JSONMismatch) {
                shapes.append(try make(element))
            } catch {
                throw error.inside(String(index)).inside(name)
            }
        }
        return shapes
    }

    /// Whether the member is there and not null; what is optional is read only then.
    public func has(_ name: String) -> Bool {
        self[name].map { !$0.isNull } ?? false
    }
}
