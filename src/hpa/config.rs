//! `ControllerConfig`: the kube-controller-manager flags that matter, with their defaults.

use crate::units::SimDuration;

/// What `reconcile` follows: the HPA controller of this Kubernetes version, as its decisions were recorded.
pub const FOLLOWED_VERSION: &str = "Kubernetes 1.36 HPA controller (autoscaling/v2)";

/// Flags and feature gates of the HPA controller in kube-controller-manager.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerConfig {
    /// `--horizontal-pod-autoscaler-sync-period`: time between two syncs of one autoscaler.
    pub sync_period: SimDuration,
    /// `--horizontal-pod-autoscaler-tolerance`: half-width of the dead band around a usage ratio of 1.
    pub tolerance: f64,
    /// `--horizontal-pod-autoscaler-downscale-stabilization`: the scale-down window where a spec names none.
    pub downscale_stabilization: SimDuration,
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`: how long a pod's early CPU samples are distrusted.
    pub cpu_initialization_period: SimDuration,
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`: a pod unready since before this age was never ready.
    pub initial_readiness_delay: SimDuration,
    /// Gate `HPAScaleToZero`.
    pub scale_to_zero: bool,
    /// Gate `HPAConfigurableTolerance`.
    pub configurable_tolerance: bool,
    /// Gate `PodLevelResources`.
    pub pod_level_resources: bool,
}

impl ControllerConfig {
    /// The flag defaults of Kubernetes 1.36 (`podautoscaler/config/v1alpha1/defaults.go`), all three gates on.
    pub const KUBERNETES_1_36: Self = Self {
        sync_period: SimDuration::from_seconds(15),
        tolerance: 0.1,
        downscale_stabilization: SimDuration::from_seconds(300),
        cpu_initialization_period: SimDuration::from_seconds(300),
        initial_readiness_delay: SimDuration::from_seconds(30),
        scale_to_zero: true,
        configurable_tolerance: true,
        pod_level_resources: true,
    };
}
