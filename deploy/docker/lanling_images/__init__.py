"""The images of the county: `lanling/<name>:<version>`, one for each service and one for the gateway.

from lanling_images.build import build, BuildOptions
from lanling_images.engine import connect
image = build(connect(), "points", BuildOptions(version="1.4.0"))
"""
