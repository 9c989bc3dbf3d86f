//! Kubernetes YAML, as written and as meant. Knows nothing of traces and runs nothing.
