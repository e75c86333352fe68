/// How long a stop of the guest may take.
public enum ShutdownBudget {
    /// In seconds; what `SHUTDOWN_TIMEOUT`, `drover stop` and PID 1's command for it take.
    public static let range = 5...3600
    /// In seconds.
    public static let standard = 90
}
