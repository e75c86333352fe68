/// The address by which socat connects to a Unix socket, as a word of a shell command: a comma would begin an option.
func socatAddress(_ socket: String) -> String {
    "'UNIX-CONNECT:\(socket.replacing(",", with: "\\,"))'"
}
