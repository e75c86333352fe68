import JSON

/// What was found of a backup after it was made, in a file beside its manifest; the last of a kind counts. Members that are not
/// known are passed over.
protocol BackupNote {
    /// In the backup's folder.
    static var fileName: String { get }
    var id: BackupID { get }
    var jsonValue: JSONValue { get }

    init(_ json: JSONValue) throws(JSONMismatch)
}

extension BackupNote {
    static var mostBytes: Int { 64 << 10 }

    var encoded: [UInt8] { jsonValue.encoded(.readable) + [0x0A] }

    /// Nil for anything else than one of that backup: it is then as if there were none.
    init?(_ bytes: [UInt8], of id: BackupID) {
        guard let json = try? JSONParser.parse(bytes), let note = try? Self(json), note.id == id else { return nil }
        self = note
    }
}
