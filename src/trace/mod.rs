//! Workloads as data: reading them, and what their numbers mean. Knows nothing of manifests, pods or the HPA.
