"""What operators do to a service's events, one concept a file; `cli.py` is the command line, `events …`.

Each command looks first and says what it would do; with `--apply` it does it, and notes who, when, why and how much in
the collection `operations`. All of them may be interrupted anywhere and given again.
"""
