/// A folder with a full backup, by its manifest, whose disk holds `size` bytes of chance: for what does not look into it.
package struct MadeBackup {
    package let guest = String(repeating: "a", count: 32)
    package let id = "20261127T093000Z"

    @discardableResult
    package init(in folder: String, size: Int = 100_000) throws {
        let manifest = """
            {"version": 1, "id": "\(id)", "guest": "\(guest)", "kind": "full", "reason": "it is the first",
             "createdAt": "2026-11-27T09:30:00Z", "seconds": 0.4, "consistency": "crash-consistent",
             "consistencyReason": "no guest agent answers", "qemuVersion": "10.0.2", "machineType": "pc-i440fx-10.0",
             "droverVersion": "0.1.0", "configuration": [],
             "disks": [{"name": "disk0", "file": "disk0.qcow2", "virtualSize": 1048576, "fileSize": \(size),
               "sha256": "\(String(repeating: "0", count: 64))", "sourceFormat": "qcow2"}]}
            """
        try shell(
            """
            cd '\(folder)' && mkdir \(id) && echo \(guest) >guest && touch lock &&
              head -c \(size) /dev/urandom >\(id)/disk0.qcow2 && cat >\(id)/manifest.json <<'EOT'
            \(manifest)
            EOT
            """)
    }
}
