"""Cluster: a search whose trials are trained on other machines, in processes that Ray starts there.

The algorithm, the store and the record stay in this process (the driver). On each node of the cluster
workers hold an engine like the one that would train here, and are given trials one by one.

    address     what a user says of a cluster
    joining     getting into it
    nodes       what a machine of it must have to train
    roster      which of them do, as they come and go
    worker      the process on a node
    member      it, as the driver knows it
    pool        all of them
    engine      `ClusterEngine`, which is an engine like any other to those that call it
    joined      whether there is a cluster at all
"""
