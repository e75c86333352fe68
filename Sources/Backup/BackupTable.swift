import Basics
import JSON
import Operator

/// The backups of a folder for people and for programs.
public struct BackupTable {
    private let list: BackupList

    public init(_ list: BackupList) {
        self.list = list
    }

    /// A line each, oldest first, and after them what is none.
    public var text: String {
        var lines: [String] = []
        if list.backups.isEmpty {
            lines.append("no backups")
        } else {
            lines += aligned(
                [["BACKUP", "KIND", "SIZE", "CONSISTENCY", "DISKS", "TEST", "VERIFIED", "LABEL"]]
                    + list.backups.map { manifest in
                        [
                            manifest.id.text, manifest.kind.name, "\(MiB(bytes: manifest.bytes))",
                            manifest.consistency.rawValue, manifest.disks.map(\.name).joined(separator: " "),
                            list.tests[manifest.id]?.name ?? "", list.verifications[manifest.id]?.name ?? "",
                            terminalLine(manifest.label ?? ""),
                        ]
                    })
        }
        lines += problems.map { "\($0.id): \(terminalLine($0.text))" }
        lines += list.partials.map { "\($0): not complete, and no backup" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Oldest first. A backup that cannot be restored has a `problem`.
    public var jsonValue: JSONValue {
        let backups = list.backups.map { manifest -> JSONValue in
            [
                "id": .string(manifest.id.text), "createdAt": .string(manifest.id.timeText),
                "kind": .string(manifest.kind.name),
                "parent": manifest.parent.map { .string($0.text) },
                "label": manifest.label.map(JSONValue.string), "size": .integer(manifest.bytes),
                "seconds": .double(manifest.seconds), "consistency": .string(manifest.consistency.rawValue),
                "disks": .strings(manifest.disks.map(\.name)),
                "test": list.tests[manifest.id]?.jsonValue,
                "verify": list.verifications[manifest.id]?.jsonValue,
                "problem": problem(manifest.id).map(JSONValue.string),
            ]
        }
        let broken = list.broken.map { broken -> JSONValue in
            ["id": .string(broken.id.text), "problem": .string(broken.reason)]
        }
        return ["backups": .array(backups + broken), "partial": .strings(list.partials)]
    }

    /// Of what looks like a backup and cannot be restored.
    private var problems: [(id: BackupID, text: String)] {
        let ids = list.backups.map(\.id) + list.broken.map(\.id)
        return ids.sorted().compactMap { id in problem(id).map { (id, $0) } }
    }

    private func problem(_ id: BackupID) -> String? {
        do throws(ClientFailure) {
            _ = try list.chain(of: id)
            return nil
        } catch {
            return error.message
        }
    }
}
