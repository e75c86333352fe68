import Basics

extension Configuration {
    /// A disk as the owner names it.
    public struct Disk: Equatable, Sendable {
        public var path: String
        public var format: DiskFormat?
        public var readOnly: Bool

        public init(path: String, format: DiskFormat? = nil, readOnly: Bool = false) {
            self.path = path
            self.format = format
            self.readOnly = readOnly
        }
    }
}

extension Configuration.Disk {
    /// `path[:format[:ro]]`, split into fields at the colons that no backslash escapes.
    fileprivate init(fields: [String], text: String) throws(Rejection) {
        guard fields.count <= 3 else {
            throw Rejection(text, #"has too many fields; write path[:format[:ro]], and \: for a colon in the path"#)
        }
        let path = fields.first ?? ""
        try checkPath(path)
        self.init(path: path)
        if fields.count > 1, !fields[1].isEmpty {
            guard let format = Configuration.DiskFormat(rawValue: fields[1].lowercased()) else {
                let remedy =
                    fields[1].lowercased() == "ro"
                    ? "write path::ro when the format is to come from the header"
                    : #"write qcow2 or raw, and \: for a colon in the path"#
                throw Rejection(text, "has no format after the path; \(remedy)")
            }
            self.format = format
        }
        if fields.count > 2 {
            guard fields[2].lowercased() == "ro" else {
                throw Rejection(text, "ends in something unknown; write ro or nothing after the format")
            }
            readOnly = true
        }
    }

    /// The form the list syntax reads.
    var text: String {
        var result = ""
        for character in path {
            if character == "," || character == ":" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        if format != nil || readOnly { result += ":\(format?.rawValue ?? "")" }
        return readOnly ? result + ":ro" : result
    }
}

extension ValueSyntax where Value == Configuration.Disk {
    /// `path[:format]`, as in a list of disks.
    static var base: ValueSyntax<Configuration.Disk> {
        ValueSyntax("DISK") { text throws(Rejection) in
            let items = escapedFields(text)
            guard items.count == 1, let fields = items.first else {
                throw Rejection(text, #"is more than one file; write \, for a comma in the path"#)
            }
            guard fields.count <= 2 else {
                throw Rejection(text, #"has too many fields; write path[:format], and \: for a colon in the path"#)
            }
            return try Configuration.Disk(fields: fields, text: text)
        } show: {
            $0.text
        }
    }
}

extension ValueSyntax where Value == [Configuration.Disk] {
    static var disks: ValueSyntax<[Configuration.Disk]> {
        ValueSyntax("DISK,…|none") { text throws(Rejection) in
            if text.lowercased() == "none" { return [] }
            var disks: [Configuration.Disk] = []
            var messages: [String] = []
            for fields in escapedFields(text) {
                let item = fields.joined(separator: ":")
                do throws(Rejection) {
                    guard !item.isEmpty else { throw Rejection(text, "has an empty entry; remove a comma") }
                    disks.append(try Configuration.Disk(fields: fields, text: item))
                } catch {
                    messages += error.messages
                }
            }
            guard messages.isEmpty else { throw Rejection(messages: messages) }
            return disks
        } show: { disks in
            disks.isEmpty ? "none" : disks.map(\.text).joined(separator: ",")
        }
    }
}

extension ValueSyntax where Value == [String] {
    /// Absolute paths.
    static var paths: ValueSyntax<[String]> {
        ValueSyntax("PATH,…|none") { text throws(Rejection) in
            if text.lowercased() == "none" { return [] }
            var messages: [String] = []
            let paths = escapedFields(text, splitsAtColons: false).map { $0.joined() }
            for path in paths {
                do throws(Rejection) {
                    guard !path.isEmpty else { throw Rejection(text, "has an empty entry; remove a comma") }
                    try checkPath(path)
                } catch {
                    messages += error.messages
                }
            }
            guard messages.isEmpty else { throw Rejection(messages: messages) }
            return paths
        } show: { paths in
            paths.isEmpty ? "none" : paths.map { Configuration.Disk(path: $0).text }.joined(separator: ",")
        }
    }
}

/// The comma-separated items, each split at its colons. A backslash makes a comma, a colon or a backslash part of a
/// field; before any other character it stands for itself.
private func escapedFields(_ text: String, splitsAtColons: Bool = true) -> [[String]] {
    var items: [[String]] = []
    var fields: [String] = []
    var field = ""
    var escaped = false
    for character in text {
        if escaped {
            escaped = false
            if character != "," && character != ":" && character != "\\" { field.append("\\") }
            field.append(character)
            continue
        }
        switch character {
        case "\\": escaped = true
        case ":" where splitsAtColons:
            fields.append(String(field[...].trimmed))
            field = ""
        case ",":
            items.append(fields + [String(field[...].trimmed)])
            fields = []
            field = ""
        default: field.append(character)
        }
    }
    if escaped { field.append("\\") }
    items.append(fields + [String(field[...].trimmed)])
    return items
}
