import Foundation
import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

/// Devices that an owner asks for, in a real guest.
@Suite struct HardwareTests {
    private static func start(_ workspace: Workspace, _ script: String, _ more: [String: String]) throws -> DroverRun {
        let disk = try workspace.disk(.micro)
        try workspace.runAtBoot("#!/bin/sh\n\(script)\n", on: disk)
        return try DroverRun(["run"], workspace.variables(disk: disk, more))
    }

    private static func end(_ run: DroverRun) throws {
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0), "\(run.lines.suffix(5))")
    }

    /// Two cards on two networks, and a forward to each.
    @Test func aGuestHasSeveralCards() throws {
        let workspace = try Workspace()
        let (first, second) = (try Listener.freePort(), try Listener.freePort())
        let script = """
            ifconfig eth1 10.0.3.15 netmask 255.255.255.0
            for card in eth0 eth1; do echo "card: $card $(cat /sys/class/net/$card/address) $(readlink /sys/class/net/$card/device)"; done
            """
        let run = try Self.start(
            workspace, script,
            [
                "QEMU_NET": "e1000", "QEMU_PORTS": "127.0.0.1:\(first):22",
                "QEMU_NICS": "e1000 mac=52:54:00:00:00:07 restrict forward=127.0.0.1:\(second):22",
            ])
        try run.wait(for: "console: card: eth0 52:54:00:", within: 400)
        let card = try run.wait(for: "console: card: eth1", within: 60)
        #expect(card.contains("52:54:00:00:00:07") && card.contains("0000:00:19.0"), "\(card)")
        try run.wait(for: "console: micro: ready", within: 120)
        for port in [first, second] {
            let banner = try shell("timeout 60 socat -u TCP:127.0.0.1:\(port) - | head -c 8")
            #expect(banner == "SSH-2.0-", "\(port)")
        }
        let client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        let status = try client.status(until: .within(30))
        #expect(status.forwards.map(\.hostPort) == [first, second])
        try Self.end(run)
    }

    /// The guest tells what it has whenever a line is typed.
    @Test func memoryIsTakenBackByTheBalloon() throws {
        let workspace = try Workspace()
        let script = #"while read -r word && [ "$word" != end ]; do echo "$word: $(free -m | grep Mem:)"; done"#
        let run = try Self.start(
            workspace, "echo loaded; \(script)",
            ["QEMU_BALLOON": "on", "METRICS_LISTEN": "unix:\(workspace.path)/metrics.sock"])
        try run.wait(for: "console: loaded", within: 400)
        func type(_ word: String) throws {
            try shell("echo \(word) | socat -u - \(socatAddress("\(workspace.path)/run/console.sock"))")
        }
        /// In MiB, as the guest's own `free` has it.
        func total(_ word: String) throws -> Int {
            try type(word)
            let line = try run.wait(for: "console: \(word): Mem:", within: 60)
            return try #require(Int(line.split(separator: " ").drop { $0 != "Mem:" }.dropFirst().first ?? ""))
        }
        func metric(_ name: String) throws -> Double {
            let text = try shell(
                "curl -sS --max-time 30 --unix-socket '\(workspace.path)/metrics.sock' http://localhost/metrics")
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }, "\(text)")
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        let first = try total("first")
        var last = first
        for (size, word) in [(160, "less"), (224, "more")] {
            let set = try drover("memory \(size)M", workspace, within: 400)
            #expect(set.status == 0 && set.output == "the guest has \(size) MiB of its 256 MiB", "\(set)")
            let now = try total(word)
            print("free's total with \(size) MiB: \(now) MiB, at first \(first)")
            // All but what is the balloon's own.
            #expect(abs(first - now - (256 - size)) <= 2)
            #expect(try metric("qemu_memory_actual_bytes") == Double(size << 20))
            last = now
        }
        // The guest is asked every few seconds.
        let deadline = Instant.within(120)
        while try abs(metric("qemu_guest_memory_total_bytes") / 1_048_576 - Double(last)) > 2, Instant.now() < deadline
        {}
        #expect(try abs(metric("qemu_guest_memory_total_bytes") / 1_048_576 - Double(last)) <= 2)
        #expect(try metric("qemu_guest_memory_available_bytes") > 0 && metric("qemu_guest_memory_free_bytes") > 0)
        let text = try drover("memory", workspace).output
        for line in ["configured:       256 MiB", "actual:           224 MiB", "guest total:      "] {
            #expect(text.contains(line), "\(text)")
        }
        for (size, reason) in [("1G", "write 64M to 256M"), ("16", "write 64M to 256M"), ("many", "is not a size")] {
            let refused = try drover("memory \(size)", workspace)
            #expect(refused.status == 64 && refused.output.contains(reason), "\(refused)")
        }
        // The monitor's own way, at the level that is the default.
        #expect(try drover("monitor balloon 256", workspace).status == 0)
        try type("end")
        try run.wait(for: "console: micro: ready", within: 120)
        try Self.end(run)
    }

    @Test func aGuestWithoutADriverKeepsItsMemory() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/empty.qcow2"
        try shell("qemu-img create -q -f qcow2 '\(disk)' 64M")
        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["QEMU_BALLOON": "on"]))
        try run.wait(for: "the guest runs", within: 60)
        let kept = try drover("memory 128M", workspace, within: 120)
        #expect(kept.status == 1, "\(kept)")
        #expect(
            kept.output.contains("the guest keeps its 256 MiB and has not answered: it takes the driver virtio_balloon")
        )
        #expect(try drover("memory", workspace).output.contains("has not said what it has and uses"))
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func aMachineWithoutABalloonSaysSo() throws {
        let workspace = try Workspace()
        let run = try Self.start(workspace, "true", [:])
        try run.wait(for: "the guest runs", within: 60)
        for command in ["memory", "memory 128M"] {
            let refused = try drover(command, workspace)
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.output.hasSuffix("no memory balloon; set QEMU_BALLOON=on and start it again"), "\(refused)")
        }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func aGuestHasAUSBController() throws {
        let workspace = try Workspace()
        let run = try Self.start(
            workspace, "echo \"usb: $(cat /sys/bus/pci/devices/0000:00:1d.0/class)\"",
            ["QEMU_USB": "on", "QEMU_EXTRA_ARGS": "-device usb-tablet"])
        try run.wait(for: "console: usb: 0x0c0330", within: 400)
        try run.wait(for: "console: micro: ready", within: 120)
        let monitor = try drover("monitor info usb", workspace)
        #expect(monitor.output.contains("Product QEMU USB Tablet"), "\(monitor.output)")
        try Self.end(run)
    }

    /// As far as it goes without a device: QEMU waits for it, an operator's command makes it do so, and undoes it.
    @Test func aUSBDeviceThatIsNotThereIsWaitedFor() throws {
        let workspace = try Workspace()
        let run = try Self.start(workspace, "true", ["QEMU_USB": "on"])
        try run.wait(for: "the guest runs", within: 60)
        let attached = try drover("usb attach 046D:c52b", workspace)
        #expect(attached.status == 0)
        #expect(
            attached.output.hasPrefix("046d:c52b is waited for\ndrover: warning: 046d:c52b: "), "\(attached.output)")
        #expect(try drover("usb list", workspace).output.hasSuffix("046d:c52b  waited for"))
        #expect(try drover("monitor info usb", workspace).output.contains("ID: host-046d-c52b"))
        let again = try drover("usb attach 046d:c52b", workspace)
        #expect(again.status == 1 && again.output.hasSuffix("is attached or waited for already; see drover usb list"))
        #expect(try drover("usb detach 046d:c52b", workspace).output == "046d:c52b is detached")
        #expect(try drover("monitor info usb", workspace).output.contains("host-046d-c52b") == false)
        #expect(try drover("usb detach 046d:c52b", workspace).status == 1)
        #expect(try drover("usb attach usb-storage", workspace).status == 64)
        try run.wait(for: #"drover-usb-attach {"device":"046d:c52b"}"#, within: 30)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func attachingNeedsAController() throws {
        let workspace = try Workspace()
        let run = try Self.start(workspace, "true", [:])
        try run.wait(for: "the guest runs", within: 60)
        let refused = try drover("usb attach 046d:c52b", workspace)
        #expect(refused.status == 1 && refused.output.hasSuffix("set QEMU_USB=on and start it again"))
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    /// Beside Drover's disk, which has a place in the firmware's order too.
    @Test func aKernelOfTheOwnersIsBooted() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        let files = shellQuoted(workspace.path)
        try shell(
            """
            cd \(files) && qemu-img convert -O raw disk.qcow2 raw &&
              start=$(sfdisk -d raw | sed -n 's/.*start= *\\([0-9]*\\),.*/\\1/p' | head -n 1) &&
              for file in vmlinuz initrd; do debugfs -R "dump /$file $file" "raw?offset=$((start * 512))"; done 2>/dev/null
            """)
        let kernel = "-kernel \(workspace.path)/vmlinuz -initrd \(workspace.path)/initrd"
        let run = try DroverRun(
            ["run"],
            workspace.variables(
                disk: disk,
                ["QEMU_EXTRA_ARGS": "\(kernel) -append 'console=ttyS0 marked'", "QEMU_CDROM": "\(workspace.path)/raw"]))
        try run.wait(for: "console: micro: ready", within: 400)
        // GRUB's has none.
        try run.wait(for: "Command line: console=ttyS0 marked", within: 30)
        try Self.end(run)
    }

    /// Every USB device of this QEMU, so far as it knows which bus a device needs.
    @Test func everyUSBDeviceIsKnownForOne() throws {
        let help = try shell("qemu-system-x86_64 -device help")
        let devices = help.split(separator: "\n").filter { $0.contains("bus usb-bus") }
            .compactMap { $0.split(separator: "\"").dropFirst().first }
        #expect(devices.count >= 8)
        let workspace = try Workspace()
        for device in devices {
            let run = try DroverRun(
                ["check", "--", "-device", String(device)], workspace.standInVariables(), path: workspace.standInPath())
            #expect(try run.waitForExit(within: 60) == .exited(78), "\(device)")
            #expect(run.lines.contains { $0.contains("needs a USB controller; set QEMU_USB=on") }, "\(device)")
        }
    }
}
