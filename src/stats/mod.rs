//! Numbers about numbers: distributions, named random streams, summaries. Knows nothing of pods or Kubernetes.
