import Basics

// The board, its processors and memory, and its screen.
extension Variable {
    static let machine = [
        Variable(
            "QEMU_RAM", .machine, { $0.machine.ram }, { $0.machine.ram = $1 }, .guestRAM,
            defaultText:
                "auto (three quarters of the container's limit; without one a quarter of the host's memory, 512M to 8G)",
            "Guest RAM; a number is MiB. 0 means auto.",
            refused: "guest RAM that, with what QEMU itself needs, exceeds the container's memory limit"),
        Variable(
            "QEMU_SMP", .machine, { $0.machine.smp }, { $0.machine.smp = $1 }, .integer(1...64, "vCPUs"),
            "Virtual CPUs. A Hurd uses only one. More than the container's CPU limit causes a warning."),
        Variable(
            "QEMU_ACCEL", .machine, { $0.machine.accelerator }, { $0.machine.accelerator = $1 }, .choice,
            "kvm refuses to start without a fast KVM; auto uses tcg, QEMU's translator, when KVM is absent or slow."),
        Variable(
            "QEMU_CPU", .machine, { $0.machine.cpu }, { $0.machine.cpu = $1 }, .cpuModel, orElse: "auto",
            defaultText: "auto (by accelerator)",
            "CPU model, with QEMU's features if wanted, such as qemu64,+ssse3."),
        Variable(
            "QEMU_MACHINE", .machine, { $0.machine.type }, { $0.machine.type = $1 }, .choice,
            defaultText: "pc, or q35 with QEMU_FIRMWARE=uefi",
            "The board: pc (i440FX) or q35."),
        Variable(
            "QEMU_FIRMWARE", .machine, { $0.machine.firmware }, { $0.machine.firmware = $1 }, .choice,
            """
            What boots the guest: bios is SeaBIOS; uefi is OVMF, without Secure Boot. A guest boots by the one it was \
            installed for, as a rule, and a Hurd by bios. UEFI's variables, such as the guest's boot entries, are kept beside \
            the system disk, in an image named after it with .uefi-vars, which is made when it is missing.
            """,
            refused: """
                uefi without OVMF in /usr/share/OVMF (the image has it); together with -bios, -pflash or -drive if=pflash in \
                QEMU_EXTRA_ARGS; when the file of the variables is another
                """),
        Variable(
            "QEMU_RTC", .machine, { $0.machine.clock }, { $0.machine.clock = $1 }, .choice,
            """
            What the hardware clock shows: utc, or localtime for a guest that keeps local time in it, such as DOS or \
            Windows. The zone is that of TZ, or of /etc/localtime.
            """,
            refused: "localtime without a zone that can be read"),
        Variable(
            "TZ", .machine, { $0.machine.timeZone }, { $0.machine.timeZone = $1 }, .timeZone, orElse: "none",
            defaultText: "none (/etc/localtime)",
            """
            The zone of QEMU_RTC=localtime; without that it has no effect. A rule, such as JST-9 or \
            CET-1CEST,M3.5.0,M10.5.0/3, needs nothing else. A name, such as Asia/Tokyo, needs /usr/share/zoneinfo, which \
            the image does not have: mount the host's.
            """,
            refused: "a name whose file is not there, when QEMU_RTC=localtime needs it"),
        Variable(
            "QEMU_EXTRA_ARGS", .machine, { $0.machine.extraArguments }, { $0.machine.extraArguments = $1 },
            .extraArguments,
            """
            Further QEMU arguments, appended last. Words are split as a shell does (single and double quotes, \
            backslash), but nothing is expanded. Devices get the lowest places on the PCI bus that Drover's have left.
            """,
            refused: """
                options that open a monitor or a network port, take over what Drover or another variable decides, or \
                hold a secret; the message names what to use
                """),
        Variable(
            "QEMU_USB", .machine, { $0.machine.usb }, { $0.machine.usb = $1 }, .boolean,
            "On: a USB 3 controller (qemu-xhci), for USB devices in QEMU_EXTRA_ARGS, such as -device usb-tablet.",
            refused: "on together with -usb, -usbdevice or -machine usb=on in QEMU_EXTRA_ARGS"),
        Variable(
            "QEMU_BALLOON", .machine, { $0.machine.balloon }, { $0.machine.balloon = $1 }, .boolean,
            """
            On: a memory balloon (virtio-balloon), by which an operator takes memory back from the guest while it runs, and \
            the guest gives back what it does not use. A Hurd has no driver for it.
            """,
            refused: "on together with a balloon in QEMU_EXTRA_ARGS"),
        Variable(
            "ENABLE_VNC", .machine, { $0.machine.vnc }, { $0.machine.vnc = $1 }, .boolean,
            """
            The guest's screen over VNC: on TCP port \(VirtualMachine.VNC.portNumber) with the password of \
            VNC_PASSWORD_FILE; without one on the Unix socket vnc.sock in DROVER_RUNTIME_DIR.
            """),
        Variable(
            "VNC_PASSWORD_FILE", .machine, { $0.machine.vncPasswordFile }, { $0.machine.vncPasswordFile = $1 }, .path(),
            """
            File with the password of the VNC server. When it is not set, the default is read if it is there. VNC \
            encrypts only the password, and that weakly: publish the port only on 127.0.0.1.
            """,
            refused: """
                a file that is missing when the variable is set, is empty, or is larger than \
                \(VirtualMachine.VNC.longestPassword.text) (the most VNC compares); NUL and line breaks, except one at the end; a well-known password unless \
                ALLOW_WEAK_PASSWORDS; together with a tcp forward from port \(VirtualMachine.VNC.portNumber) in QEMU_PORTS
                """),
    ]
}

extension ValueSyntax where Value == MiB? {
    /// A size or 0, which is auto.
    fileprivate static var guestRAM: ValueSyntax<MiB?> {
        let size = ValueSyntax<MiB>.size(MemoryPlan.smallestRAM...MiB(4 << 20)).orElse("auto")
        return ValueSyntax(size.form, range: size.range) { text throws(Rejection) in
            Int(decimal: text) == 0 ? nil : try size.parse(text)
        } show: {
            size.show($0)
        }
    }
}

extension ValueSyntax where Value == String {
    /// What it means is looked at where the zones are.
    fileprivate static var timeZone: ValueSyntax<String> {
        ValueSyntax("ZONE", range: "a rule or a name") { text throws(Rejection) in
            guard text.utf8.count <= 255, text.unicodeScalars.allSatisfy(\.isSafeToShow) else {
                throw Rejection(text, "is no time zone; write such as JST-9 or Asia/Tokyo")
            }
            return text
        } show: {
            $0
        }
    }
}

extension ShellWords.Failure {
    var reason: String {
        switch self {
        case .openQuote(let mark, let position):
            "the quote \(mark) at character \(position) is never closed; close it, or escape it with a backslash"
        case .trailingBackslash:
            "ends in a backslash that escapes nothing; remove or double it"
        }
    }
}

extension ValueSyntax where Value == [String] {
    /// A fault of quoting does not repeat the value: it may hold what is not for the log.
    fileprivate static var extraArguments: ValueSyntax<[String]> {
        ValueSyntax("ARGUMENTS|none") { text throws(Rejection) in
            if text.lowercased() == "none" { return [] }
            let words: [String]
            do throws(ShellWords.Failure) {
                words = try ShellWords.split(text)
            } catch {
                throw Rejection(messages: [error.reason])
            }
            let messages = ExtraArguments.reasons(in: words)
            guard messages.isEmpty else { throw Rejection(messages: messages) }
            return words
        } show: {
            $0.isEmpty ? "none" : ShellWords.join($0)
        }
    }
}
