import Basics
import Linux
import QMP

/// Finds on the guest's screen that a boot loader or the firmware waits there for somebody: no system runs, so the guest
/// loses nothing when QEMU quits. None of them hears the power button.
struct BootMenu: Equatable, Sendable {
    /// A menu may be about to start its system: it has to stay for so many looks.
    private static let looksNeeded = 3

    private var looks = 0

    /// - Returns: what waits, once that is certain.
    mutating func waiting(on screen: DroverScreen) -> String? {
        let waiting = screen.text.flatMap { Self.name(on: $0.lines) }
        looks = waiting == nil ? 0 : looks + 1
        return looks >= Self.looksNeeded ? waiting : nil
    }

    /// What is drawn once and cleared before a system starts, and prompts that are the last line. In a graphics mode nothing is
    /// certain.
    private static func name(on lines: [String]) -> String? {
        guard let last = lines.last(where: { !$0.isEmpty }) else { return nil }
        // SeaBIOS (boot_fail), GRUB (grub-core/normal/menu_text.c, normal/main.c, kern/rescue_reader.c), syslinux (com32/menu).
        if last.holds("No bootable device") { return "the firmware, which finds no system" }
        // With nothing typed behind it: what "grub> boot" has started may leave the screen as it was.
        if ["grub>", "grub rescue>"].contains(String(last[...].trimmed)) { return "GRUB's prompt" }
        if lines.contains(where: { $0.holds("GNU GRUB  version") }),
            lines.contains(where: { $0.holds("keys to select which entry is highlighted") })
        {
            return "GRUB's menu"
        }
        return lines.contains { $0.holds("Press [Tab] to edit options") } ? "ISOLINUX's menu" : nil
    }
}
