/// The MAC address of a guest whose owner set none: the same on every start, another one for another disk.
///
/// `52:54:00` is the prefix QEMU uses; the rest is an FNV-1a hash of the disk's path.
func stableMACAddress(forDisk path: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in path.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let octets = [hash >> 16 & 0xff, hash >> 8 & 0xff, hash & 0xff]
    return "52:54:00:"
        + octets.map { octet in (octet < 16 ? "0" : "") + String(octet, radix: 16) }.joined(separator: ":")
}
