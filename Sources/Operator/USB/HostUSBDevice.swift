import Basics
import Linux
import QMP

/// A USB device of the host, as sysfs shows it in any container.
struct HostUSBDevice {
    let id: USBDeviceID
    /// By the device's own word.
    let product: String?
    /// Where its node is, if the container has it.
    let node: String

    /// - Parameter sysfs: `/sys/bus/usb/devices`.
    static func all(sysfs: String = "/sys/bus/usb/devices", nodes: String = "/dev/bus/usb") -> [HostUSBDevice] {
        // Without a USB bus there is no such directory.
        let names = (try? fileNames(in: sysfs)) ?? []
        return names.sorted().compactMap { HostUSBDevice("\(sysfs)/\($0)", nodes: nodes) }
    }

    private init?(_ directory: String, nodes: String) {
        func attribute(_ name: String) -> String? {
            (try? readFile("\(directory)/\(name)", limit: 4096)).map { bytes in
                terminalLine(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
            }
        }
        // An interface of a device has none of these; a hub is not to be handed over.
        guard let vendor = attribute("idVendor"), let product = attribute("idProduct"),
            let id = USBDeviceID("\(vendor):\(product)"), attribute("bDeviceClass") != "09",
            let bus = attribute("busnum"), let number = attribute("devnum")
        else { return nil }
        self.id = id
        self.product = attribute("product")
        node = "\(nodes)/\(threeDigits(bus))/\(threeDigits(number))"
    }

    /// Why QEMU, which has this process's permissions, cannot have the device; nil when nothing is known against it.
    func obstacle(_ process: ProcessIdentity) -> String? {
        guard let status = try? FileStatus(of: node) else {
            let remedy = ContainerSetting.device("/dev/bus/usb").phrase(process.orchestrator)
            return "the container does not have its node \(node); \(remedy)"
        }
        guard !canAccess(node, reading: true, writing: true) else { return nil }
        return "\(node) may not be written; " + PermissionHint.device(node, status, groupName: "plugdev", process)
    }
}

private func threeDigits(_ number: String) -> String {
    String(repeating: "0", count: max(0, 3 - number.utf8.count)) + number
}
