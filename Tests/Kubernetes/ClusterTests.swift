import Testing

/// All on one cluster, whose nodes some of them disturb: one after the other.
@Suite(.serialized) struct ClusterTests {}
