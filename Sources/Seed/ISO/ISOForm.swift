/// What kind of image a tree is written as, and what it can hold.
public struct ISOForm: Sendable {
    /// Of the volume: sixteen characters at the most.
    let label: String
    /// Joliet's names beside Rock Ridge's, for systems that do not know the latter; with its limits on names.
    let hasJoliet: Bool
    /// Of a file, in bytes.
    let largestFile: Int
    /// Files and directories together, at every level.
    let mostEntries: Int

    /// `cidata` is what cloud-init's NoCloud looks for, in lower case as its documentation writes it, though ECMA-119 §8.4.8
    /// wants upper case.
    public static let seed = ISOForm(
        label: "cidata", hasJoliet: true, largestFile: ISOTree.largestFile, mostEntries: ISOTree.mostEntries)

    /// Of any folder. Without Joliet, any name of 248 bytes can be written. An extent has 32 bits.
    public static let share = ISOForm(label: "SHARE", hasJoliet: false, largestFile: 0xFFFF_FFFF, mostEntries: 10_000)

    /// Of a name in Rock Ridge, which has one NM entry of 255 bytes here (RRIP 1.10 §4.1.4).
    public static let longestRockRidgeName = 248
}
