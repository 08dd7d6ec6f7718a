"""The proof that the event backbone keeps its promise while everything around it is killed, stopped and cut.

run        one run: stack, load, faults, quiet, checker            make reliability
stack      broker, database, services and gateway as children that may die
process    the entry of a service's test build: crash orders, seeded bugs
load       clients that repeat a request under the same clientMutationId until it is answered, and their ledger
faults     what is done to the county, and when
checker    a process of its own: ledger, databases and whole topics, to figures
"""
