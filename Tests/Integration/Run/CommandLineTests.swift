import Foundation
import Linux
import Machine
import TestSupport
import Testing

/// Every golden command line is one that the real QEMU takes: it starts, paused, and answers.
@Suite struct CommandLineTests {
    static let names: [String] =
        (try? FileManager.default.contentsOfDirectory(atPath: "\(repository)/Tests/MachineTests/Golden"))?.sorted()
        ?? []

    @Test func thereAreGoldenCommandLines() {
        #expect(Self.names.count >= 25)
    }

    @Test(arguments: names)
    func theRealQEMUTakesIt(name: String) throws {
        let golden = try String(contentsOfFile: "\(repository)/Tests/MachineTests/Golden/\(name)", encoding: .utf8)
        let places = try places(golden, with: [])
        let isQ35 = golden.contains("\nq35")
        var expected = [PCIBus.screen: isQ35 ? 1 : 2]
        if golden.contains("id=nic0") { expected["nic0"] = isQ35 ? 2 : 3 }
        if golden.contains("id=ahci") { expected["ahci"] = 4 }
        if golden.contains("id=agent-bus") { expected["agent-bus"] = 28 }
        for index in 0..<17 where golden.contains("virtio-blk-pci,id=drive\(index),") {
            expected["drive\(index)"] = 8 + index
        }
        for index in 1...3 where golden.contains("id=nic\(index)") { expected["nic\(index)"] = 24 + index }
        if golden.contains("id=share-9p,") { expected["share-9p"] = 7 }
        if golden.contains("id=usb,") { expected["usb"] = 29 }
        if golden.contains("id=balloon,") { expected["balloon"] = 30 }
        #expect(places.filter { $0.key != "rng1" } == expected)
        // Whatever is added, in whichever syntax, changes no place of Drover's. QEMU takes one balloon.
        let more = [
            "-device", expected["balloon"] == nil ? "virtio-balloon" : "virtio-rng-pci",
            "-netdev", "user,id=more", "-device", "e1000,id=second,netdev=more",
            "-device", #"{"driver":"virtio-rng-pci","id":"third"}"#,
        ]
        let withMore = try self.places(golden, with: more)
        for (device, place) in expected { #expect(withMore[device] == place, "\(device)") }
        #expect(withMore.count == places.count + 2)
    }

    /// Options that are not refused, and that have the machine make devices itself.
    @Test(
        arguments: ["defaults.txt", "q35.txt"],
        [
            "-vga cirrus", "-vga virtio", "-vga none", "-usb", "-usbdevice tablet", "-nic none", "-machine usb=on",
            "-virtfs local,path=/,mount_tag=t,security_model=none", "-drive if=virtio,file=FOLDER/extra.raw,format=raw",
            "-drive if=floppy,file=FOLDER/extra.raw,format=raw",
            "-audiodev none,id=a -device AC97,audiodev=a", "-netdev user,id=net1 -device e1000,netdev=net1",
        ])
    func whatAnOwnerAddsLeavesDroversPlaces(name: String, more: String) throws {
        let golden = try String(contentsOfFile: "\(repository)/Tests/MachineTests/Golden/\(name)", encoding: .utf8)
        let arguments = more.split(separator: " ").map(String.init)
        #expect(ExtraArguments.refusals(in: arguments, source: "it").isEmpty)
        let places = try places(golden, with: arguments)
        #expect(places["nic0"] == (name == "q35.txt" ? 2 : 3) && places["agent-bus"] == 28)
    }

    /// Starts the real QEMU with a golden command line and more.
    ///
    /// - Returns: the number of each named device on the PCI bus.
    private func places(_ golden: String, with more: [String]) throws -> [String: Int] {
        let workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)'
            for disk in disk other third fourth; do qemu-img create -q -f qcow2 $disk.qcow2 64M; done
            cp disk.qcow2 "a disk, with=\\"all\\" 'kinds' \\\\ of:things.qcow2"
            cp disk.qcow2 new.qcow2
            for disk in disk.qcow2 disk.raw chain.qcow2; do cp disk.qcow2 "(overlay of $disk)"; done
            truncate -s 64M disk.raw base.raw
            cp /usr/share/OVMF/OVMF_CODE_4M.fd code.fd
            qemu-img convert -f raw -O qcow2 /usr/share/OVMF/OVMF_VARS_4M.fd vars.qcow2
            qemu-img create -q -f qcow2 -o data_file=middle.data -b base.raw -F raw middle.qcow2
            qemu-img create -q -f qcow2 -o data_file=top.data -b middle.qcow2 -F qcow2 chain.qcow2
            truncate -s 1M cd.iso; truncate -s 1440K extra.raw
            mkdir run,time scr,een
            """)
        // Outside of JSON a comma ends a path.
        let optionPath = workspace.path.replacing(",", with: ",,")
        let lines = golden.split(separator: "\n")
        let files = try lines.filter { $0.hasPrefix("# ") }.map { line -> Descriptor? in
            let path = String(line.drop { $0 != "/" }).replacing("/guest", with: workspace.path)
            return try Descriptor.open(path, .pathOnly)
        }
        let further = more.map { $0.replacing("FOLDER", with: optionPath) }
        let arguments = lines.filter { !$0.hasPrefix("#") }.map { line -> String in
            // No port of this machine is taken: this run is not about ports.
            line.replacingOccurrences(of: "unix:/guest", with: "unix:\(optionPath)")
                .replacingOccurrences(of: ",path=/guest", with: ",path=\(optionPath)")
                .replacingOccurrences(of: "/guest", with: workspace.path)
                .replacingOccurrences(of: "0.0.0.0:0,", with: "unix:\(optionPath)/vnc.sock,")
                .replacingOccurrences(of: #""hostfwd":\[[^\]]*\]"#, with: #""hostfwd":[]"#, options: .regularExpression)
        }
        // What has no file is a channel.
        var ours: [VirtualMachine.InheritedDescriptor: Descriptor] = [:]
        let inherited = try VirtualMachine.InheritedDescriptor.allCases.map { number -> Descriptor? in
            switch number {
            case .seed: return try Descriptor.sealedMemory("seed", [UInt8](repeating: 0, count: 1 << 20))
            case .share: return try Descriptor.sealedMemory("share", [UInt8](repeating: 0, count: 1 << 20))
            case .vncPassword: return try Descriptor.sealedMemory("vnc", Array("password".utf8))
            default:
                let (ourEnd, qemusEnd) = try Descriptor.socketPair()
                ours[number] = ourEnd
                return qemusEnd
            }
        }
        let qmp = try #require(ours[.qmp])
        let messages = "\(workspace.path)/messages"
        let output = try Descriptor.open(messages, [.writeOnly, .create])
        let process = try ChildProcess(
            "/usr/bin/qemu-system-x86_64", arguments + further, environment: ["LC_ALL=C"],
            descriptors: [try Descriptor.open("/dev/null"), output, output] + inherited + files)
        let answers = try converse(qmp, ["qmp_capabilities", "query-status", "query-pci", "quit"])
        func said() throws -> String { try String(contentsOfFile: messages, encoding: .utf8) }
        #expect(try process.waitForExit(within: 60, seen: "\(answers)\n\((try? said()) ?? "")") == .exited(0))
        #expect(answers.contains { $0.contains(#""status": "prelaunch""#) }, "\(answers)")
        #expect(try said() == "")
        withExtendedLifetime((ours, inherited)) {}
        return try PCIBus.places(try #require(answers.last))
    }

    /// The part of `query-pci` that says where devices are.
    private struct PCIBus: Decodable {
        struct Answer: Decodable { let `return`: [PCIBus] }
        struct Device: Decodable {
            struct Class: Decodable { let `class`: Int }

            let slot: Int
            let id: String
            let kind: Class

            enum CodingKeys: String, CodingKey {
                case slot
                case id = "qdev_id"
                case kind = "class_info"
            }
        }
        /// The name that stands for the screen's card, which has none.
        static let screen = "screen"
        let bus: Int
        let devices: [Device]

        static func places(_ answer: String) throws -> [String: Int] {
            let buses = try JSONDecoder().decode(Answer.self, from: Data(answer.utf8)).return
            let named = buses.filter { $0.bus == 0 }.flatMap(\.devices).map { device in
                (device.kind.class == 0x0300 ? screen : device.id, device.slot)
            }
            return Dictionary(named.filter { !$0.0.isEmpty }) { first, _ in first }
        }
    }

    /// Sends each command when the greeting or the answer to the one before has come; returns all that came but the last.
    private func converse(_ qmp: Descriptor, _ commands: [String]) throws -> [String] {
        let answers = Transcript(of: qmp, named: "QEMU's control channel")
        return try commands.map { command in
            let answer = try answers.wait(for: "\r\n", within: 60)
            try qmp.deliver(Array("{\"execute\": \"\(command)\"}\n".utf8))
            return answer
        }
    }
}
