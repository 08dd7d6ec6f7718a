"""The county on one machine.

* `lanling_local.stack.infrastructure`: broker and database, for tests too
* `lanling_local.topics.create_topics`
* `lanling_local.issuer`: the development issuer of tokens
* `python -m lanling_local`: the commands behind the Makefile
"""
