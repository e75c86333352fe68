import Basics
import Linux
import Machine

/// What a backup is: written when all of it is on the disk, and what makes it one.
public struct Manifest: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// All of the disks; and why, where an increment would have been less.
        case full(reason: String)
        /// What has changed since another one.
        case increment(of: BackupID)

        public var parent: BackupID? { if case .increment(let parent) = self { parent } else { nil } }

        /// In JSON, and for people.
        public var name: String { parent == nil ? "full" : "increment" }
    }

    /// What state the guest's file systems are in.
    public enum Consistency: String, CaseIterable, Sendable {
        case frozenByAgent = "frozen-by-agent"
        case readOnlyByAgent = "read-only-by-agent"
        /// As after a power cut.
        case crashConsistent = "crash-consistent"
        case guestWasPaused = "guest-was-paused"
    }

    public struct Disk: Equatable, Sendable {
        /// As the machine's node: `disk0`.
        public var name: String
        /// Of the guest's disk, in bytes.
        public var virtualSize: Int64
        /// Of the file, in bytes.
        public var fileSize: Int64
        /// Of the file.
        public var digest: FileDigest
        /// Of the image that was backed up, which it is restored to.
        public var sourceFormat: Configuration.DiskFormat
        /// Of that image: what notes from here on what the guest changes.
        public var bitmap: String?

        public init(
            name: String, virtualSize: Int64, fileSize: Int64, digest: FileDigest,
            sourceFormat: Configuration.DiskFormat, bitmap: String?
        ) {
            self.name = name
            self.virtualSize = virtualSize
            self.fileSize = fileSize
            self.digest = digest
            self.sourceFormat = sourceFormat
            self.bitmap = bitmap
        }

        /// In the backup's folder; always a qcow2.
        public var file: String { Self.file(of: name) }

        public static func file(of name: String) -> String { "\(name).qcow2" }
    }

    public struct Setting: Equatable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    public var id: BackupID
    public var label: String?
    public var guest: GuestID
    public var kind: Kind
    /// How long it took.
    public var seconds: Double
    public var consistency: Consistency
    /// Why it is no better than that, or how it was reached.
    public var consistencyReason: String
    /// Of QEMU, such as `10.0.2`.
    public var qemuVersion: String
    /// As QEMU calls it, with its version: `pc-i440fx-10.0`.
    public var machineType: String
    public var droverVersion: String
    public var disks: [Disk]
    /// How the machine was configured.
    public var configuration: [Setting]

    public init(
        id: BackupID, label: String? = nil, guest: GuestID, kind: Kind, seconds: Double, consistency: Consistency,
        consistencyReason: String, qemuVersion: String, machineType: String, droverVersion: String, disks: [Disk],
        configuration: [Setting]
    ) {
        self.id = id
        self.label = label
        self.guest = guest
        self.kind = kind
        self.seconds = seconds
        self.consistency = consistency
        self.consistencyReason = consistencyReason
        self.qemuVersion = qemuVersion
        self.machineType = machineType
        self.droverVersion = droverVersion
        self.disks = disks
        self.configuration = configuration
    }

    public var parent: BackupID? { kind.parent }

    /// Of all files. A manifest from elsewhere may have any sizes.
    public var bytes: Int64 { disks.reduce(0) { $0.addingReportingOverflow($1.fileSize).partialValue } }

    /// The backing file in the qcow2's header, so that the folder can be moved; nil in a full one.
    public func backingName(of disk: Disk) -> String? {
        parent.map { "../\($0.text)/\(disk.file)" }
    }
}

extension ParsedConfiguration {
    /// The variables that were set, for a manifest. They are those of the table alone, and none of them is a secret.
    public var settings: [Manifest.Setting] {
        Variable.all.filter { origins[$0.name] == .set }.map {
            Manifest.Setting(name: $0.name, value: $0.value(in: configuration))
        }
    }
}
