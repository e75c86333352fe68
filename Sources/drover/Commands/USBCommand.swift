import Basics
import Linux
import Operator
import QMP

/// `drover usb`: devices of the host's for the guest.
enum USBCommand {
    static let declaration = Subcommand(
        "usb", "give the guest a USB device of the host: list, attach, detach", needsRun: true,
        text: """
            Gives the guest a USB device of the host, or takes it back. It needs QEMU_USB=on, and a container that has the
            device's node and may write it (compose: devices: ["/dev/bus/usb"]).
            """,
        examples: ["docker exec NAME drover usb list", "docker exec NAME drover usb attach 046d:c52b"],
        verbs: [USBList.declaration, USBAttach.declaration, USBDetach.declaration])

    static let device = Operand("VENDOR:PRODUCT", "device")

    static func device(_ arguments: Arguments, _ declaration: Subcommand) throws(UsageError) -> USBDeviceID {
        let text = arguments.operand(0) ?? ""
        guard let device = USBDeviceID(text) else {
            let form = "write four hexadecimal digits of each, neither of them 0000, such as 046d:c52b"
            throw UsageError(message: "\(declaration.title): \(quoted(text)) is no device; \(form)")
        }
        return device
    }
}

/// `drover usb list`.
struct USBList: Command {
    static let declaration = Subcommand(
        "usb list", "the host's devices, and which of them the guest has or waits for", needsRun: true, USBList.self)

    func run() throws -> Int32 {
        show(try USBDevices(try connectToPID1()).list())
        return ClientExit.success.rawValue
    }
}

extension USBList {
    init(_ arguments: Arguments) {}
}

/// `drover usb attach`.
struct USBAttach: Command {
    static let declaration = Subcommand(
        "usb attach", "the guest gets the device: at once, or when QEMU sees it", needsRun: true,
        operands: [USBCommand.device], USBAttach.self)

    let device: USBDeviceID

    func run() throws -> Int32 {
        let (line, notice) = try USBDevices(try connectToPID1()).attach(device, .current())
        show(line)
        if let notice { report(["warning: \(notice)"]) }
        return ClientExit.success.rawValue
    }
}

extension USBAttach {
    init(_ arguments: Arguments) throws(UsageError) {
        device = try USBCommand.device(arguments, Self.declaration)
    }
}

/// `drover usb detach`.
struct USBDetach: Command {
    static let declaration = Subcommand(
        "usb detach", "the guest loses it", needsRun: true, operands: [USBCommand.device], USBDetach.self)

    let device: USBDeviceID

    func run() throws -> Int32 {
        show(try USBDevices(try connectToPID1()).detach(device))
        return ClientExit.success.rawValue
    }
}

extension USBDetach {
    init(_ arguments: Arguments) throws(UsageError) {
        device = try USBCommand.device(arguments, Self.declaration)
    }
}
