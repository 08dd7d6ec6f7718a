import json
import logging
import subprocess
import sys

from govkit.runtime.logs import describe, scrub

PROGRAM = """
import logging
from govkit.runtime.logs import configure_logs, get_logger
from govkit.runtime.tracing import Kind, Span, parse_traceparent
configure_logs("organization", "DEBUG")
log = get_logger("organization.start")
with Span("x", Kind.SERVER, parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")):
    log.info("started", port=4001)
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s", "http://127.0.0.1:4001")
logging.getLogger("pymongo.command").debug("Command {phone: 13800138000}")
logging.getLogger("uvicorn.access").info("GET /?phone=13800138000")
try:
    raise ValueError("dup key: { phone: '13800138000', name: 张三丰 } at 371324198001010123")
except ValueError:
    log.exception("failed")
"""


def test_lines_of_our_code_and_of_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=30)
    started, uvicorn, failed = (json.loads(line) for line in done.stdout.splitlines())
    assert started["event"] == "started"
    assert started["port"] == 4001
    assert started["service"] == uvicorn["service"] == "organization"
    assert started["trace_id"] == uvicorn["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert uvicorn["event"] == "Uvicorn running on http://127.0.0.1:4001"
    assert failed["error"]["type"] == "builtins.ValueError"
    assert failed["level"] == "error"
    for planted in ("13800138000", "张三丰", "371324198001010123"):
        assert planted not in done.stdout


def test_scrub_keeps_what_helps() -> None:
    assert scrub('E11000 collection: lanling.people index: phone_1 dup key: { phone: "138" }') == (
        "E11000 collection: lanling.people index: phone_1 dup key: { phone: … }"
    )


def test_causes_are_described() -> None:
    try:
        try:
            raise KeyError("x")
        except KeyError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        described = describe(error)
    assert described["cause"]["type"] == "builtins.KeyError"
    assert described["frames"]
    assert logging.getLogger().name == "root"
