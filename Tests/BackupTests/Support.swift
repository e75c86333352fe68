import Linux
import Machine
import Operator
import TestSupport

@testable import Backup

let noon = 1_795_780_800  // 2026-11-27T12:00:00Z

func id(_ text: String) throws -> BackupID {
    guard let id = BackupID(text) else { throw TestFailure("\(text) is no id") }
    return id
}

func guest(_ digit: Character = "a") throws -> GuestID {
    guard let guest = GuestID(String(repeating: digit, count: 32)) else { throw TestFailure("no guest") }
    return guest
}

func manifest(
    _ id: BackupID, of parent: BackupID? = nil, guest: GuestID? = nil, disks: [String] = ["disk0"]
) throws -> Manifest {
    Manifest(
        id: id, guest: try guest ?? BackupTests.guest(),
        kind: parent.map(Manifest.Kind.increment) ?? .full(reason: "the first"),
        seconds: 1.5, consistency: .crashConsistent, consistencyReason: "no agent answers", qemuVersion: "10.0.2",
        machineType: "pc-i440fx-10.0", droverVersion: "1.0",
        disks: disks.map {
            Manifest.Disk(
                name: $0, virtualSize: 1 << 30, fileSize: 3,
                digest: FileDigest(sha256: String(repeating: "0", count: 64), pieceSize: 16 << 20),
                sourceFormat: .qcow2,
                bitmap: "drover-\(id)")
        }, configuration: [Manifest.Setting(name: "QEMU_RAM", value: "512M")])
}

/// Makes a backup whose disks hold three bytes.
func make(_ manifest: Manifest, _ writer: BackupWriter) throws {
    let path = try writer.begin(manifest.id)
    for disk in manifest.disks {
        _ = try Descriptor.open("\(path)/\(disk.file)", [.writeOnly, .create]).write([1, 2, 3])
    }
    try writer.complete(manifest)
}

/// What is thrown must be that.
func failure(_ body: () throws -> Void) throws -> ClientFailure {
    do {
        try body()
    } catch let failure as ClientFailure {
        return failure
    }
    throw TestFailure("it does not fail")
}
