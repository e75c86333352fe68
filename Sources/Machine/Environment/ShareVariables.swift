import Basics

// A folder of the host's for the guest.
extension Variable {
    static let share = [
        Variable(
            "SHARE_DIR", .share, { $0.share.directory }, { $0.share.directory = $1 }, .path(), orElse: "none",
            "A folder, mounted into the container, that the guest sees too, as SHARE_MODE says.",
            refused: """
                one that is not there, is no directory, or that this uid cannot read (with rw: write); one in /dev, /proc or \
                /sys; one with a disk, the backups, a secret or a control socket in it, or that lies in the folder of such sockets
                """),
        Variable(
            "SHARE_MODE", .share, { $0.share.mode }, { $0.share.mode = $1 }, .choice,
            """
            ro: by 9p with the mount tag share, to be read; owners and modes are the host's. rw: to be written too; what the \
            guest makes belongs to Drover's uid outside, with the mode 0644 (folders 0755), and the owner and mode that the \
            guest sees are kept in extended attributes. No Hurd knows 9p. cd: a CD with the files as they are at the start, \
            at most \(Configuration.ShareSettings.largestCD) of them, which lies in memory; drover share refresh changes it.
            """,
            refused: """
                rw on a file system without extended attributes; cd for a folder that is too large, which takes the place of \
                one of QEMU_DISKS and twice its largest size of the container's memory; any without SHARE_DIR, but the default
                """),
    ]
}
