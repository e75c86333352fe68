import CLinux

/// Takes the program's code out of this process's resident memory; what is executed again comes back from the page cache.
public func releaseProgramCode() {
    clinux_release_code()
}
