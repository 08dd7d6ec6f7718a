"""Deploys one service of the county beside the others, and takes it back when it is not well.

model ─ decisions ─ watching     what is, what to do, whether a version is well: pure
steps ─ running                  one deployment: each step done and undone, what was done noted in the journal
preflight ─ contracts            what is refused before anything has happened
engine ─ docker_engine           containers; probe looks over HTTP, published puts files in place by rename
journal ─ lock                   what outlives this process
"""
