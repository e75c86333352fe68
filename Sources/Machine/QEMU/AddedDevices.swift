import Basics

/// The devices that arguments of QEMU's add, so far as something of Drover's has to go with them.
struct AddedDevices {
    private var drivers: [String] = []
    /// The first option that brings the board's own USB controller.
    private(set) var usbOption: String?

    init(_ arguments: [String]) {
        for argument in QEMUArgument.all(arguments) {
            let value = argument.value ?? ""
            switch argument.name {
            case "device":
                if let driver = OptionValue(value, impliedKey: "driver")["driver"] { drivers.append(driver) }
            case "usb", "usbdevice":
                usbOption = usbOption ?? argument.text
            case "machine", "M":
                let machine = OptionValue(value, impliedKey: "type")
                if machine.isOn("usb") { usbOption = usbOption ?? "usb=\(machine["usb"] ?? "")" }
            default: break
            }
        }
    }

    /// The first that is plugged into a USB controller.
    var usbDevice: String? {
        drivers.first { ($0.hasPrefix("usb-") || Self.otherUSBDevices.contains($0)) && !Self.isUSBController($0) }
    }

    var hasUSBController: Bool { usbOption != nil || drivers.contains(where: Self.isUSBController) }

    var balloon: String? { drivers.first { $0.hasPrefix("virtio-balloon") } }

    private static func isUSBController(_ driver: String) -> Bool {
        ["xhci", "ehci", "ohci", "uhci"].contains { driver.holds($0) }
    }

    /// Those whose names do not say so.
    private static let otherUSBDevices = ["u2f-passthru", "u2f-emulated", "canokey"]
}
