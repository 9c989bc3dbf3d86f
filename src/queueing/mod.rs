//! Closed forms of queueing theory, each with its reference. Knows nothing of pods or Kubernetes.
