"""The HEALTHCHECK of an image: exit code 0 when the process says that it takes requests, else 1 and why.

Runs every few seconds, so it imports next to nothing.
"""

import os
import socket
import sys

port = int(os.environ[os.environ["PORT_VARIABLE"]])
try:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := connection.recv(4096):
            answer += part
except OSError as error:
    sys.exit(f"port {port}: {error}")
if not answer.startswith(b"HTTP/1.1 200 "):
    sys.exit(answer.decode("utf-8", "replace"))
