import Testing

/// All on one cluster of three nodes. What disturbs none of them goes on side by side with what does, and each of the two
/// one after the other: the machine may have no more than two CPUs.
@Suite struct ClusterTests {
    /// On node 1.
    @Suite(.serialized) struct QuietTests {}
    /// On nodes 2 and 3, which some of these empty, or take parts of away.
    @Suite(.serialized) struct NodeTests {}
}
