import Basics

extension Adoption {
    mutating func take(_ argument: QEMUArgument) {
        let value = argument.value ?? ""
        guard let option = argument.option else {
            // QEMU takes it for a disk.
            var drive = AdoptedDrive(argument.text, as: quoted(argument.text))
            drive.unit = 0
            drives.append(drive)
            return
        }
        guard !argument.isOneWord, option.value != .always || argument.value != nil else {
            _ = isRefused([argument.text])
            return
        }
        switch argument.name {
        case "nodefaults": hasDefaults = false
        case "no-user-config", "nographic": break
        case "m": takeMemory(OptionValue(value, impliedKey: "size"))
        case "smp": takeProcessors(OptionValue(value, impliedKey: "cpus"))
        case "cpu": takeCPU(value)
        case "machine", "M": takeMachine(OptionValue(value, impliedKey: "type"))
        case "accel": takeAccelerator(OptionValue(value, impliedKey: "accel")["accel"] ?? "", of: #""-accel""#)
        case "enable-kvm": wantsKVM = true
        case "no-kvm": takeAccelerator("tcg", of: #""-no-kvm""#)
        case "boot": takeBootOrder(OptionValue(value, impliedKey: "order"))
        case "rtc": takeClock(value)
        case "hda", "hdb", "hdc", "hdd":
            var drive = AdoptedDrive(value, as: quoted(argument.text))
            drive.unit = argument.name.utf8.last.map { Int($0) - 0x61 } ?? 0
            drives.append(drive)
        case "cdrom": drives.append(AdoptedDrive(value, as: #""-cdrom""#, isCDROM: true))
        case "drive": takeDrive(OptionValue(value, impliedKey: "file"))
        case "blockdev": blockNodes.append(OptionValue(value, impliedKey: "driver"))
        case "snapshot": set("QEMU_SNAPSHOT", "on", for: #""-snapshot""#)
        case "device": devices.append(OptionValue(value, impliedKey: "driver"))
        case "netdev": network.add(backend: OptionValue(value, impliedKey: "type"))
        case "net": network.add(legacy: OptionValue(value, impliedKey: "type"))
        case "nic": network.add(both: OptionValue(value, impliedKey: "type"))
        case "usb": set("QEMU_USB", "on", for: #""-usb""#)
        case "usbdevice": takeUSBDevice(value)
        case "vnc": takeVNC(value)
        case "display": takeDisplay(value)
        case "vga": takeScreen(value, of: #""-vga""#)
        case "curses": leaveOut(#""-curses" shows the screen; use drover screen"#)
        case "sdl", "spice", "full-screen": leaveOutWindow(argument.name)
        case "serial", "parallel": takePort(argument.name, value)
        case "kernel", "initrd", "bios", "fda", "fdb", "dtb":
            let path = mount(value, readOnly: !argument.name.hasPrefix("fd"))
            addArguments(["-\(argument.name)", path])
        default: passOn(argument)
        }
    }

    // MARK: Processors and memory

    private mutating func takeMemory(_ option: OptionValue) {
        if let size = option["size"] { set("QEMU_RAM", size, for: #""-m""#) }
        leaveOutKeys(of: option, but: ["size"], in: #""-m""#)
    }

    /// Without `cpus=` it is the product of the others.
    private mutating func takeProcessors(_ option: OptionValue) {
        let topology = ["sockets", "dies", "clusters", "cores", "threads"]
        let product = topology.compactMap { option[$0] }.compactMap { Int(decimal: $0) }.reduce(1) { $0 &* $1 }
        set("QEMU_SMP", option["cpus"] ?? "\(product)", for: #""-smp""#)
        // One core in each of several sockets is what QEMU makes of a number.
        leaveOutKeys(of: option, but: ["cpus"], in: #""-smp""#)
    }

    /// `host` is what Drover takes with KVM.
    private mutating func takeCPU(_ model: String) {
        if model != "host" { set("QEMU_CPU", model, for: #""-cpu""#) }
        if model.hasPrefix("host,") {
            leaveOut(#""-cpu" host with features needs KVM: where there is none, unset QEMU_CPU"#)
        }
    }

    // MARK: The board

    private mutating func takeMachine(_ option: OptionValue) {
        if let type = option["type"] {
            switch type {
            case "pc", "q35": set("QEMU_MACHINE", type, for: #""-machine""#)
            case _ where type.hasPrefix("pc-q35-"): takeVersioned(type, "q35")
            case _ where type.hasPrefix("pc-i440fx-"): takeVersioned(type, "pc")
            default: leaveOut(#""-machine" \#(quoted(type)) is a board that Drover does not have; it takes pc"#)
            }
        }
        for (key, value) in option.pairs where key != "type" {
            if key == "accel" {
                takeAccelerator(value, of: #""-machine" accel="#)
            } else if key == "usb" {
                if option.isOn("usb") { set("QEMU_USB", "on", for: #""-machine" usb="#) }
            } else {
                let words = ["-machine", "\(key)=\(value.replacing(every: ",", by: ",,"))"]
                if !isRefused(words) { addArguments(words) }
            }
        }
    }

    private mutating func takeVersioned(_ type: String, _ board: String) {
        set("QEMU_MACHINE", board, for: #""-machine""#)
        leaveOut(#""-machine" \#(quoted(type)) is a version of \#(board); Drover takes the newest"#)
    }

    /// `kvm:tcg` is Drover's auto, which also sees whether KVM is fast enough.
    private mutating func takeAccelerator(_ text: String, of what: String) {
        for name in text.split(separator: ":") {
            switch name {
            case "kvm": wantsKVM = true
            case "tcg": if !wantsKVM { set("QEMU_ACCEL", "tcg", for: what) }
            default:
                leaveOut("\(what) \(quoted(name)) is not to be had in a container on Linux; Drover takes KVM or TCG")
            }
        }
    }

    private mutating func takeBootOrder(_ option: OptionValue) {
        bootOrder = option["order"] ?? ""
        if let first = bootOrder.first, !"cd".contains(first) {
            leaveOut(#""-boot" from a floppy or the network is not possible; Drover boots a disk or a CD"#)
        }
        if option["once"] != nil {
            leaveOut(#""-boot" once= is not needed: an empty disk cannot be booted, and then the CD is"#)
        }
        leaveOutKeys(of: option, but: ["order", "once", "strict"], in: #""-boot""#)
    }

    private mutating func takeClock(_ value: String) {
        let option = OptionValue(value, impliedKey: "base")
        if option["base"] == "localtime" { set("QEMU_RTC", "localtime", for: #""-rtc""#) }
        let others = option.pairs.filter { !["base", "clock"].contains($0.key) }
        if let start = option["base"], !["utc", "localtime"].contains(start) {
            leaveOut(#""-rtc" with a date stands still in a test alone; the clock shows the time of now"#)
        }
        if !others.isEmpty { addArguments(["-rtc", OptionValue(others).text]) }
    }

    // MARK: Screen and ports

    private mutating func takeVNC(_ value: String) {
        let option = OptionValue(value, impliedKey: "display")
        let display = option["display"] ?? ""
        if display == "none" { return }
        set("ENABLE_VNC", "on", for: #""-vnc""#)
        if display.hasPrefix("unix:") {
            leaveOut(#""-vnc" on a socket: it is vnc.sock in DROVER_RUNTIME_DIR, in the container"#)
            return
        }
        let number = display.split(separator: ":").last.flatMap { Int(decimal: $0) } ?? 0
        published.append("127.0.0.1:\(5900 + min(number, 59635)):5900")
        set("VNC_PASSWORD_FILE", "/run/secrets/vnc_password", for: #""-vnc""#)
        leaveOut(#""-vnc" is published on 127.0.0.1 alone, and its password is in the file vnc_password"#)
    }

    private mutating func takeDisplay(_ value: String) {
        switch value.split(separator: ",").first ?? "" {
        case "none": break
        case "curses": leaveOut(#""-display" curses shows the screen; use drover screen"#)
        case _ where value.hasPrefix("vnc="): takeVNC(String(value.dropFirst(4)))
        default: leaveOutWindow("display")
        }
    }

    private mutating func leaveOutWindow(_ name: String) {
        leaveOut("\"-\(name)\" needs a window, which a container does not have; set ENABLE_VNC=1 to see the screen")
    }

    mutating func takeScreen(_ card: String, of what: String) {
        if card == "cirrus" { addArguments(["-vga", card]) }
        guard !["std", "VGA", "cirrus"].contains(card) else { return }
        leaveOut("\(what) \(quoted(card)) is a screen that Drover's image does not have; it takes std")
    }

    /// The first serial port is the console, in the log and by drover console.
    private mutating func takePort(_ name: String, _ value: String) {
        let kind = value.split(whereSeparator: { $0 == ":" || $0 == "," }).first ?? ""
        if name == "serial", ["mon", "stdio", "pty", "null", "none", "vc"].contains(kind) || value.hasPrefix("mon:") {
            return
        }
        leaveOut(
            name == "serial"
                ? "\"-serial\" \(kind) is not needed: the first port is in the log and on drover console"
                : "\"-\(name)\" has no variable; a file for QEMU's output would have to be mounted")
    }

    // MARK: The rest

    /// Everything else that Drover takes in `QEMU_EXTRA_ARGS`, unless it names a file.
    private mutating func passOn(_ argument: QEMUArgument) {
        let words = [argument.text] + (argument.value.map { [$0] } ?? [])
        guard !isRefused(words) else { return }
        if case .unknown = argument.option?.value {
            leaveOut("\(quoted(argument.text)) is no option of QEMU 7.2 to 10.0")
            return
        }
        let option = OptionValue(argument.value ?? "", impliedKey: "")
        guard !namesFile(option, of: argument.text) else { return }
        let needsAnother = ["audiodev", "audio", "chardev", "mon", "object", "numa", "tpmdev", "fsdev", "semihosting"]
        guard !needsAnother.contains(argument.name) || isEntropy(option) else {
            // What would use it is left out, too.
            let kind = option.pairs.first.map { quoted($0.value, limit: 40) } ?? ""
            leaveOut("\(quoted(argument.text)) \(kind) has no variable; if a device needs it, set QEMU_EXTRA_ARGS")
            return
        }
        addArguments(words)
    }

    /// Whether Drover does not take them in `QEMU_EXTRA_ARGS`, the reasons for which are noted.
    mutating func isRefused(_ words: [String]) -> Bool {
        let reasons = ExtraArguments.reasons(in: words)
        for reason in reasons { leaveOut(reason) }
        return !reasons.isEmpty
    }

    private func isEntropy(_ option: OptionValue) -> Bool {
        ["rng-random", "rng-builtin"].contains(option.pairs.first?.value ?? "")
    }

    /// A file of the host would be looked for in the container.
    mutating func namesFile(_ option: OptionValue, of what: String) -> Bool {
        let keys = ["file", "filename", "path", "sock_fd", "mem-path", "logfile", "host"]
        let pair = option.pairs.first { key, value in
            guard !["/dev/urandom", "/dev/random", "/dev/null"].contains(value) else { return false }
            return keys.contains(key) || value.hasPrefix("/") || value.hasPrefix("./") || value.hasPrefix("../")
        }
        guard let pair else { return false }
        let key = pair.key.isEmpty ? "" : " with \(pair.key)="
        leaveOut(
            "\(quoted(what))\(key) names a file of the host; mount it, and name it in QEMU_EXTRA_ARGS as the container does"
        )
        return true
    }

    mutating func leaveOutKeys(of option: OptionValue, but known: [String], in what: String) {
        let others = option.pairs.map(\.key).filter { !known.contains($0) }
        guard !others.isEmpty else { return }
        let keys = others.map { quoted("\($0)=", limit: 40) }.joined(separator: ", ")
        leaveOut("\(what): Drover has no variable for \(keys)")
    }
}
