"""What a service process needs to run: settings, identity, logs, metrics, traces, HTTP app, command line."""
