/// The environment of QEMU's programs.
public enum QEMUEnvironment {
    /// Their messages are read, so they are in English; nothing else is their business.
    ///
    /// By itself the C library gives a copied buffer of 1 MiB back to the kernel after each use, and the kernel clears its pages
    /// anew for the next one: more than half of what a block job costs. It may keep 32 MiB.
    public static let variables = [
        "LC_ALL=C", "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=4194304:glibc.malloc.trim_threshold=33554432",
    ]
}
