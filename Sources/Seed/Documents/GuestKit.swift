/// The guest kit, for guests with neither cloud-init nor qemu-ga. It is on every seed, so that a guest without a network
/// can install it, and is no part of the instance-id: another version of it is no reason to apply credentials again.
public enum GuestKit {
    static let directory = ISODirectory(
        name: "kit",
        files: [
            ISOFile(name: "agent", contents: PackageResources.agent, mode: 0o555),
            ISOFile(name: "apply", contents: PackageResources.apply, mode: 0o555),
            ISOFile(name: "install", contents: PackageResources.install, mode: 0o555),
        ], mode: 0o555)

    /// What root types in a Linux guest to install it from the CD; busybox's mount takes no label.
    public static let linuxInstallation = #"mount -r "$(findfs LABEL=cidata)" /mnt && sh /mnt/drover/kit/install"#
    /// The same in GNU/Hurd; the CD is hd2 where the kernel's own IDE driver has it.
    public static let hurdInstallation = "settrans -a /mnt /hurd/iso9660fs /dev/cd0 && sh /mnt/drover/kit/install"
}
