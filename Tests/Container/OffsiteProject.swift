import Foundation
import TestSupport

/// A clone with `offsite.yaml`, and backups as a guest's are that nobody has to boot.
final class OffsiteProject {
    let clone: Clone
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

    /// That of `MadeBackup`.
    func addBackup(size: Int = 100_000) throws {
        try MadeBackup(in: backups, size: size)
        try shell("chown -R 10001 '\(backups)'")
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
