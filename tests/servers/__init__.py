"""Real servers for the tests, started when first asked for, on 127.0.0.1, and stopped with the process."""
