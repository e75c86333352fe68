import Basics
import Foundation
import Machine
import Testing

/// Command lines of the kinds that wikis, blogs and compose files have. In `adopted-lines.txt` each is followed by the
/// variables that it becomes and, behind `!`, by what is left out.
@Suite struct AdoptionTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "adopted-lines.txt")

    @Test func everyLineIsTakenOverOrItsRestIsNamed() throws {
        let golden = try String(contentsOf: Self.file, encoding: .utf8)
        let commands = golden.split(separator: "\n").filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
        #expect(commands.count >= 30)
        var text = ""
        for command in commands {
            let adoption = try Adoption(ShellWords.split(command))
            let lines = adoption.variables.map { "\($0.name)=\($0.value)" } + adoption.leftOut.map { "! \($0)" }
            text += (["$ \(command)"] + lines).map { $0 + "\n" }.joined() + "\n"
            // As `drover check` reads them.
            let environment = Dictionary(uniqueKeysWithValues: adoption.variables.map { ($0.name, $0.value) })
            let parsed = Configuration.parse(environment)
            #expect(parsed.faults.isEmpty && parsed.warnings.isEmpty, "\(command): \(parsed.faults) \(parsed.warnings)")
        }
        if ProcessInfo.processInfo.environment["DROVER_REGENERATE"] == "1" {
            try text.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(text == golden, "if this is meant: DROVER_REGENERATE=1 swift test --filter AdoptionTests")
    }

    @Test func anotherMachinesLineIsAFault() throws {
        let message = #"QEMU-ARG: "qemu-system-aarch64" is not for x86; give the line of an x86 guest"#
        #expect(throws: Fault(.configuration, "QEMU-ARG", String(message.dropFirst(10)))) {
            try Adoption(["qemu-system-aarch64", "-M", "virt"])
        }
    }

    @Test func aQuotedLineIsTakenApart() throws {
        let adoption = try Adoption(["sudo qemu-system-x86_64 -m 1G 'my disk.qcow2'"])
        #expect(adoption.mounts.map(\.hostPath) == ["my disk.qcow2"])
    }

    @Test func noSecretIsRepeated() throws {
        let adoption = try Adoption([
            "-spice", "port=5930,password=geheim", "-object", "secret,id=s,data=geheim",
            "-chardev", "socket,password=geheim", "-device", "x,password=geheim", "-nic", "user,password=geheim",
            "-drive", "file=https://me:geheim@host/a.iso,password=geheim",
        ])
        #expect(adoption.leftOut.count >= 5, "\(adoption.leftOut)")
        #expect(!adoption.leftOut.joined().contains("geheim") && !adoption.composeFile.contains("geheim"))
    }

    @Test func theComposeFileHasWhatTheLineNeedsOfTheHost() throws {
        let adoption = try Adoption([
            "-enable-kvm", "-m", "2G", "/vm/my $disk.qcow2", "-cdrom", "x.iso", "-drive", "file=/dev/sdb,format=raw",
            "-vnc", ":1", "-nic", "user,hostfwd=tcp:127.0.0.1:80-:80,hostfwd=udp::5353-:53",
        ])
        let end = #"""
                mem_limit: 3072m
                pids_limit: 256
                stop_grace_period: 2m
                restart: on-failure
                environment:
                  QEMU_DRIVE: "/opt/hurd-image/my $$disk.qcow2"
                  QEMU_DISKS: "/dev/sdb:raw"
                  QEMU_CDROM: "/opt/hurd-image/x.iso"
                  QEMU_RAM: "2G"
                  ENABLE_VNC: "on"
                  VNC_PASSWORD_FILE: "/run/secrets/vnc_password"
                  QEMU_PORTS: "10080:80,5353:53/udp"
                ports:
                  - "127.0.0.1:5901:5900"
                  - "127.0.0.1:80:10080"
                  - "5353:5353/udp"
                devices:
                  - /dev/kvm
                  - "/dev/sdb"
                group_add: ["${KVM_GID:?set it to what stat -c %g /dev/kvm prints}"]
                volumes:
                  - type: bind
                    source: "./x.iso"
                    target: "/opt/hurd-image/x.iso"
                    read_only: true
                    bind: {create_host_path: false}
                  - type: bind
                    source: "/vm/my $$disk.qcow2"
                    target: "/opt/hurd-image/my $$disk.qcow2"
                    bind: {create_host_path: false}
                secrets: [vnc_password]

            secrets:
              vnc_password:
                file: ./vnc_password

            """#
        #expect(adoption.composeFile.hasSuffix(end), "\(adoption.composeFile)")
    }
}
