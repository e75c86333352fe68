/// Where the host has the folders that are mounted into the container. The compose files say so, and nothing inside does.
public struct HostFolders: Equatable, Sendable {
    /// Of `/opt/hurd-image`.
    public var disk: String?
    /// Of `/run/secrets`.
    public var secrets: String?

    public init(disk: String? = nil, secrets: String? = nil) {
        self.disk = disk
        self.secrets = secrets
    }

    /// What the host calls a file; nil when it lies elsewhere.
    public func path(of file: String) -> String? {
        for (mounted, folder) in [("/opt/hurd-image/", disk), ("/run/secrets/", secrets)] {
            if let folder, file.hasPrefix(mounted) { return "\(folder)/\(file.dropFirst(mounted.utf8.count))" }
        }
        return nil
    }
}
