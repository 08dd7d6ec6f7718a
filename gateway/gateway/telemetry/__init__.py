"""What is told of the gateway's work: the log, metrics for Prometheus, traces for OpenTelemetry."""
