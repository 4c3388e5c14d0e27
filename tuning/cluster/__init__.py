"""Cluster: a search whose trials are trained on other machines, in processes that Ray starts there.

The algorithm, the store and the record stay in this process (the driver). On each node of the cluster
workers hold an engine like the one that would train here, and are given trials one by one.

    address     what a user says of a cluster
    joining     getting into it
    nodes       which machines of it can train
    setup       what a worker needs to train: space and windows of all folds
    worker      the process on a node
    pool        all workers, as nodes come and go
    engine      `ClusterEngine`, which is an engine like any other to those that call it
"""
