extension Variable {
    /// Every variable, in the order in which help lists them and faults are told.
    ///
    /// A section's rows are in a file of their own beside this one, as its values are: `DiskVariables`, `DiskSettings`.
    public static let all: [Variable] = [
        disks, machine, network, guest, share, operation, backup, offsite,
    ].flatMap { $0 }
}
