import Basics

/// The devices that arguments of QEMU's add, so far as something of Drover's has to go with them.
struct AddedDevices {
    private var drivers: [String] = []
    /// The places in the firmware's order that devices want.
    private(set) var bootIndexes: [(driver: String, index: String)] = []
    /// A kernel that QEMU is given is first in that order.
    private(set) var hasKernel = false
    /// The first option that brings the board's own USB controller.
    private(set) var usbOption: String?

    /// The first option that brings firmware.
    private(set) var firmware: String?

    init(_ arguments: [String]) {
        for argument in QEMUArgument.all(arguments) {
            let value = argument.value ?? ""
            switch argument.name {
            case "device":
                let device = OptionValue(value, impliedKey: "driver")
                guard let driver = device["driver"] else { continue }
                drivers.append(driver)
                if let index = device["bootindex"] { bootIndexes.append((driver, index)) }
            case "bios", "pflash":
                firmware = firmware ?? argument.text
            case "drive":
                if OptionValue(value, impliedKey: "file")["if"] == "pflash" {
                    firmware = firmware ?? "\(argument.text) if=pflash"
                }
            case "kernel":
                hasKernel = true
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

    /// The first at which QEMU ends because there is one like it.
    var secondOfItsKind: String? {
        var kinds: Set<String> = []
        return drivers.first { driver in Self.singleKind(driver).map { !kinds.insert($0).inserted } ?? false }
    }

    private static func singleKind(_ driver: String) -> String? {
        if driver.hasPrefix("virtio-balloon") { return "virtio-balloon" }
        if driver.hasSuffix("-iommu") || driver.hasPrefix("virtio-iommu") { return "iommu" }
        return singleDevices.contains(driver) ? driver : nil
    }

    private static let singleDevices = [
        "pvpanic", "ramfb", "sga", "vmbus-bridge", "vmcoreinfo", "vmgenid", "vmware-svga",
    ]

    static func isUSBController(_ driver: String) -> Bool {
        ["xhci", "ehci", "ohci", "uhci"].contains { driver.holds($0) }
    }

    /// Those whose names do not say so.
    private static let otherUSBDevices = ["u2f-passthru", "u2f-emulated", "canokey"]
}
