//! `Optimization`: a what-if that changes named numbers of a backend by a stated amount. Data, not code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::words::named;
use super::{BackendKind, settings_file};

/// A known way to make replicas start faster, or their paths shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Optimization {
    /// VM disks are cloned from a volume that CDI has imported beforehand.
    CdiPreload,
    /// A VM is restored from a memory snapshot instead of booted.
    QemuSnapshot,
    /// A VM is watched by the probe of a container.
    UnifiedReadiness,
    /// A VM has a virtual function of the network card.
    SrIov,
    /// A VM's packets go through a userspace switch.
    Dpdk,
    /// A container shares the network of its node.
    HostNetwork,
    /// Images are on every node before they are needed.
    ImagePrepull,
    /// Some replicas are kept started.
    WarmPool,
}

/// One number that an optimization changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// On backends of this kind.
    pub on: BackendKind,
    /// Which number.
    pub parameter: Parameter,
    /// By how much.
    pub effect: Effect,
    /// Where the amount is from; begins with `assumed` where nobody measured it.
    pub source: &'static str,
}

/// A number of a backend that an optimization may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// `prepare`: image pull, or disk.
    Prepare,
    /// `start`: container start, or QEMU and firmware.
    Start,
    /// `ready`: application start.
    Ready,
    /// `path-latency`.
    PathLatency,
    /// `throughput` of the path.
    Throughput,
    /// `connections` of the path.
    Connections,
    /// Who sees that a replica is ready or dead.
    Readiness,
    /// `warm-pool`.
    WarmPool,
}

/// By how much a number changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// It is multiplied, whoever said it.
    Times(f64),
    /// So many more.
    Plus(u32),
    /// It becomes that of the built-in container.
    LikeContainer,
}

const CDI_PRELOAD: &[Change] = &[Change {
    on: BackendKind::Vm,
    parameter: Parameter::Prepare,
    effect: Effect::Times(0.1),
    source: "assumed: a snapshot of an imported volume copies nothing, where a host-assisted copy takes 30 s + 8.7 s/GB \
             (fitted to harvester issue 9344); some storage takes minutes for a snapshot all the same",
}];

/// 0.022 of 25-75 s of boot are 0.55-1.65 s, within the 0.2-2 s of a restore.
const RESTORE: Effect = Effect::Times(0.022);
const RESTORE_SOURCE: &str = "assumed: a restore of 0.2-2 s in place of the boot; KubeVirt cannot start from a memory \
                              snapshot today";

const QEMU_SNAPSHOT: &[Change] = &[
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::Start,
        effect: RESTORE,
        source: RESTORE_SOURCE,
    },
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::Ready,
        effect: RESTORE,
        source: RESTORE_SOURCE,
    },
];

const UNIFIED_READINESS: &[Change] = &[Change {
    on: BackendKind::Vm,
    parameter: Parameter::Readiness,
    effect: Effect::LikeContainer,
    source: "KubeVirt runs httpGet and tcpSocket probes against a guest as against a container; virt-launcher polls \
             the guest agent every 10 s",
}];

const SR_IOV: &[Change] = &[
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::PathLatency,
        effect: Effect::Times(0.2),
        source: "assumed: packets pass by host bridge, NAT and vhost",
    },
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::Throughput,
        effect: Effect::Times(2.8),
        source: "assumed: close to the line rate of 10 Gbit/s; nothing published for KubeVirt was found",
    },
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::Connections,
        effect: Effect::Times(2.8),
        source: "assumed: no proxy in between, so close to the 100,000 of a container",
    },
];

const DPDK: &[Change] = &[
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::PathLatency,
        effect: Effect::Times(0.4),
        source: "assumed: a polling switch in place of interrupts and vhost-net",
    },
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::Throughput,
        effect: Effect::Times(2.5),
        source: "assumed: nothing published for KubeVirt was found",
    },
];

const HOST_NETWORK: &[Change] = &[Change {
    on: BackendKind::Container,
    parameter: Parameter::PathLatency,
    effect: Effect::Times(0.5),
    source: "assumed: no veth pair and no bridge; kube-proxy's part stays, 0.05 ms at the median with 5,000 \
                 services (KEP-3866)",
}];

const IMAGE_PREPULL: &[Change] = &[Change {
    on: BackendKind::Container,
    parameter: Parameter::Prepare,
    effect: Effect::Times(0.0),
    source: "a pod whose image is on the node runs after 1.1 s at the median, 2.1 s at the 99th percentile \
             (Kubernetes' pod startup measurements), which is the start phase alone",
}];

const WARM_POOL: &[Change] = &[
    Change {
        on: BackendKind::Container,
        parameter: Parameter::WarmPool,
        effect: Effect::Plus(2),
        source: "assumed",
    },
    Change {
        on: BackendKind::Vm,
        parameter: Parameter::WarmPool,
        effect: Effect::Plus(2),
        source: "assumed",
    },
];

impl Optimization {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::CdiPreload,
        Self::QemuSnapshot,
        Self::UnifiedReadiness,
        Self::SrIov,
        Self::Dpdk,
        Self::HostNetwork,
        Self::ImagePrepull,
        Self::WarmPool,
    ];

    /// Its name in flags and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CdiPreload => "cdi-preload",
            Self::QemuSnapshot => "qemu-snapshot",
            Self::UnifiedReadiness => "unified-readiness",
            Self::SrIov => "sr-iov",
            Self::Dpdk => "dpdk",
            Self::HostNetwork => "host-network",
            Self::ImagePrepull => "image-prepull",
            Self::WarmPool => "warm-pool",
        }
    }

    /// What it is, in one sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CdiPreload => {
                "VM disks are cloned, by snapshot, from a volume that CDI has imported beforehand."
            }
            Self::QemuSnapshot => "A VM is restored from a memory snapshot instead of booted.",
            Self::UnifiedReadiness => {
                "A VM is watched by the same readiness probe as a container, not by reports of its guest agent."
            }
            Self::SrIov => "A VM has a virtual function of the network card of its own.",
            Self::Dpdk => "A VM's packets go through a userspace switch that polls.",
            Self::HostNetwork => "A container shares the network of its node.",
            Self::ImagePrepull => "Images are on every node before they are needed.",
            Self::WarmPool => "Two replicas more are kept prepared and started.",
        }
    }

    /// The numbers that it changes.
    #[must_use]
    pub const fn changes(self) -> &'static [Change] {
        match self {
            Self::CdiPreload => CDI_PRELOAD,
            Self::QemuSnapshot => QEMU_SNAPSHOT,
            Self::UnifiedReadiness => UNIFIED_READINESS,
            Self::SrIov => SR_IOV,
            Self::Dpdk => DPDK,
            Self::HostNetwork => HOST_NETWORK,
            Self::ImagePrepull => IMAGE_PREPULL,
            Self::WarmPool => WARM_POOL,
        }
    }
}

impl Parameter {
    /// Its key in a scenario file, without the backend.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Start => "start",
            Self::Ready => "ready",
            Self::PathLatency => "path-latency",
            Self::Throughput => "throughput",
            Self::Connections => "connections",
            Self::Readiness => "readiness",
            Self::WarmPool => "warm-pool",
        }
    }
}

impl fmt::Display for Optimization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(factor) => write!(f, "times {factor}"),
            Self::Plus(count) => write!(f, "plus {count}"),
            Self::LikeContainer => f.write_str("as the container's"),
        }
    }
}

impl FromStr for Optimization {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, "optimization", &Self::ALL, Self::name)
    }
}

impl<'de> Deserialize<'de> for Optimization {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}
