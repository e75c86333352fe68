import Foundation
import Glibc
import Linux

/// A folder of its own for each test, removed afterwards, and the guests that `scripts/test` has built.
package final class Workspace {
    private let folder: TemporaryFolder
    package var path: String { folder.path }

    /// - Parameter isOpen: where other users get to, as the repository may lie in a folder that is closed to them; or so deep
    ///   that a socket in it has no name of 107 bytes.
    package init(isOpen: Bool = repository.utf8.count > 60) throws {
        folder = try TemporaryFolder(isOpen ? "/tmp/drover-" : "\(repository)/.build/integration/")
    }

    /// A fresh overlay over a guest's disk, which stays as it is; the disk itself lies in the same folder.
    package func disk(_ guest: Guest, named name: String = "disk.qcow2") throws -> String {
        try shell("cp --reflink=auto \(shellQuoted(guest.disk)) \(shellQuoted("\(path)/\(name)"))")
        return "\(path)/\(name)"
    }

    /// Has a `micro` guest run this script of a shell at the end of its boot.
    package func runAtBoot(_ script: String, on disk: String) throws {
        let file = "\(path)/rc.local"
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        try shell("'\(repository)/Tests/Guests/state' '\(disk)' put '\(file)' /rc.local 0755")
    }

    /// Has a guest's GRUB boot it with another line.
    package func boot(_ guest: Guest, from disk: String, replacing part: String, with other: String) throws {
        let configuration = try String(
            contentsOfFile: "\(repository)/Tests/Guests/\(guest.rawValue).d/grub.cfg", encoding: .utf8)
        try setGRUB(
            on: disk, configuration.replacingOccurrences(of: part, with: other),
            modules: guest == .mach ? "multiboot gzio" : "linux")
    }

    /// Another configuration for a guest's GRUB: it is part of its program, which is made anew.
    package func setGRUB(on disk: String, _ configuration: String, modules: String) throws {
        let made = shellQuoted("\(path)/grub")
        try configuration.write(toFile: "\(path)/grub.cfg", atomically: true, encoding: .utf8)
        try shell(
            """
            grub-mkimage -O i386-pc -p '(,msdos1)/' -c \(made).cfg -o \(made).img biosdisk part_msdos ext2 \(modules) &&
              qemu-img convert -O raw '\(disk)' \(made).raw &&
              dd if=\(made).img of=\(made).raw bs=512 seek=1 conv=notrunc status=none &&
              qemu-img convert -O qcow2 \(made).raw '\(disk)' && rm \(made).raw
            """)
    }

    /// Has UEFI boot a `micro` guest, and nothing else: by a GRUB of its kind in a partition of its own, and without the BIOS's.
    package func makeUEFI(_ disk: String) throws {
        try shell(
            """
            cd '\(path)' && { echo 'search --set=root --label boot'; cat '\(repository)/Tests/Guests/micro.d/grub.cfg'; } >efi.cfg &&
              grub-mkimage -O x86_64-efi -p / -c efi.cfg -o efi.grub part_msdos ext2 linux search search_label &&
              mformat -C -i efi.part -T 8192 :: && mmd -i efi.part ::/EFI ::/EFI/BOOT &&
              mcopy -i efi.part efi.grub ::/EFI/BOOT/BOOTX64.EFI &&
              qemu-img convert -O raw '\(disk)' efi.raw &&
              dd if=/dev/zero of=efi.raw bs=440 count=1 conv=notrunc status=none &&
              size=$(($(stat -c %s efi.raw) >> 20)) && truncate -s "$((size + 4))M" efi.raw &&
              dd if=efi.part of=efi.raw bs=1M seek="$size" conv=notrunc status=none &&
              echo "start=${size}MiB, size=4MiB, type=ef" |
                sfdisk -q --append --no-tell-kernel --wipe never --wipe-partitions never efi.raw >/dev/null &&
              qemu-img convert -O qcow2 efi.raw '\(disk)' && rm efi.*
            """, within: 120)
    }

    /// Variables for a run on `disk` that takes no port of the machine and little memory.
    package func variables(disk: String, _ more: [String: String] = [:]) -> [String: String] {
        [
            "QEMU_DRIVE": disk, "QEMU_RAM": "256", "QEMU_PORTS": "", "QEMU_NET": "none", "QEMU_ACCEL": "tcg",
            "DROVER_RUNTIME_DIR": "\(path)/run",
        ].merging(more) { $1 }
    }

    /// A folder for PATH in which `qemu-system-x86_64` is the stand-in.
    package func standInPath() throws -> String {
        let bin = "\(path)/bin"
        try shell("mkdir -p '\(bin)' && ln -sf '\(repository)/.build/debug/StandIn' '\(bin)/qemu-system-x86_64'")
        return bin
    }

    /// A folder for PATH with programs that stand in for those of the system: bodies of shell scripts by name.
    package func programs(_ bodies: [String: String]) throws -> String {
        let bin = "\(path)/programs"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        for (name, body) in bodies {
            try "#!/bin/sh\n\(body)\n".write(toFile: "\(bin)/\(name)", atomically: true, encoding: .utf8)
            try shell("chmod +x '\(bin)/\(name)'")
        }
        return bin
    }

    /// mv, whose -n says that it has not moved (coreutils 9.2 and newer), and an older one, whose -n does not.
    package static let movers = ["echo \"mv: not replacing '$last'\" >&2; exit 1", "exit 0"].map {
        "for last; do :; done; [ \"$1\" = -n ] && [ -e \"$last\" ] && { \($0); }; exec /bin/mv \"$@\""
    }

    /// Variables for a run of the stand-in, on an empty raw disk.
    package func standInVariables(_ more: [String: String] = [:]) throws -> [String: String] {
        try shell("truncate -s 1M '\(path)/empty.raw'")
        return variables(disk: "\(path)/empty.raw", ["QEMU_DRIVE_FORMAT": "raw"].merging(more) { $1 })
    }

    package func standInRun(
        _ arguments: [String], _ more: [String: String] = [:], stdout: Descriptor? = nil
    ) throws -> DroverRun {
        try DroverRun(["run", "--"] + arguments, standInVariables(more), path: standInPath(), stdout: stdout)
    }

    /// What the stand-in's `--trace` writes, as it comes: the arguments that ask for it, and what reads it.
    package func trace() throws -> (arguments: [String], events: Transcript) {
        let fifo = "\(path)/trace"
        try retryingInterrupts { mkfifo(fifo, 0o600) }
        // For both, so that it has an end neither before its writer comes nor after.
        let descriptor = try Descriptor.open(fifo, [.readWrite, .nonBlocking])
        return (["--trace", fifo], Transcript(of: descriptor, named: "the stand-in's trace"))
    }

    /// The variables of such a run as words of a shell command: `env -i NAME='VALUE' …`.
    package func standInEnvironment(_ more: [String: String] = [:]) throws -> String {
        let assignments = try standInVariables(more).map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
        return try "/usr/bin/env -i PATH='\(standInPath())' \(assignments)"
    }
}
