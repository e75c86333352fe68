import Foundation
import TestSupport

/// A clone with `offsite.yaml`, and backups as a guest's are that nobody has to boot.
final class OffsiteProject {
    let clone: Clone
    let guest = String(repeating: "a", count: 32)
    var backups: String { "\(clone.path)/backups" }
    var secrets: String { "\(clone.path)/secrets-offsite" }

    /// - Parameter repository: its address; nil: a folder of this project's.
    init(repository: String? = nil, _ lines: [String] = []) throws {
        let files = "COMPOSE_FILE=compose.yaml:backup.yaml:offsite.yaml"
        clone = try Clone(
            [repository == nil ? "\(files):offsite-local.yaml" : files, "OFFSITE_DIR=../repository", "BACKUP_FLOOR=1M"]
                + lines)
        try clone.type("install -d -o 10001 -g 10001 disk backups repository && scripts/secrets --offsite")
        try secret("repository", repository ?? "/repository")
    }

    func secret(_ name: String, _ text: String) throws {
        try shell("cd '\(secrets)' && cat >\(name) <<'EOT'\n\(text)\nEOT\nchown 10001 \(name) && chmod 600 \(name)")
    }

    /// A full backup with `size` bytes of chance.
    func addBackup(_ id: String, size: Int = 100_000) throws {
        let manifest = """
            {"version": 1, "id": "\(id)", "guest": "\(guest)", "kind": "full", "reason": "it is the first",
             "createdAt": "2026-11-27T13:52:02Z", "seconds": 0.4, "consistency": "crash-consistent",
             "consistencyReason": "no guest agent answers", "qemuVersion": "10.0.2", "machineType": "pc-i440fx-10.0",
             "droverVersion": "0.1.0", "configuration": [],
             "disks": [{"name": "disk0", "file": "disk0.qcow2", "virtualSize": 1048576, "fileSize": \(size),
               "sha256": "\(String(repeating: "0", count: 64))", "sourceFormat": "qcow2"}]}
            """
        try shell(
            """
            cd '\(backups)' && mkdir \(id) && echo \(guest) >guest && touch lock &&
              head -c \(size) /dev/urandom >\(id)/disk0.qcow2 && cat >\(id)/manifest.json <<'EOT' && chown -R 10001 .
            \(manifest)
            EOT
            """)
    }

    /// restic in a container of its own, with the service's settings.
    @discardableResult
    func restic(_ arguments: String) throws -> String {
        try clone.compose("run --rm -T --no-deps offsite restic --no-cache \(arguments)")
    }

    /// One run, in a container of its own.
    @discardableResult
    func now(_ arguments: String = "", _ options: String = "") throws -> String {
        try clone.compose("run --rm -T --no-deps \(options) offsite drover offsite now \(arguments)")
    }

    func start() throws -> Container {
        try clone.compose("up --detach --no-deps offsite")
        return Container(id: try clone.compose("ps --all --quiet offsite").trimmingNewline())
    }
}
