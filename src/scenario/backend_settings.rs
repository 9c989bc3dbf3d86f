//! `BackendSettings`: what a scenario file says of a backend of the user's own.

use serde::Deserialize;

use super::{Amount, Span, settings_file};
use crate::stats::Distribution;

/// A backend of the user's own: what differs from the built-in one that it resembles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BackendSettings {
    /// The built-in backend that it resembles: `container` or `vm`.
    pub like: Resemblance,
    /// Image pull, or disk.
    #[serde(default, deserialize_with = "settings_file::optional")]
    pub prepare: Option<Distribution>,
    /// Container start, or QEMU and firmware.
    #[serde(default, deserialize_with = "settings_file::optional")]
    pub start: Option<Distribution>,
    /// Application start.
    #[serde(default, deserialize_with = "settings_file::optional")]
    pub ready: Option<Distribution>,
    /// Network path, there and back.
    #[serde(default, deserialize_with = "settings_file::optional")]
    pub path_latency: Option<Distribution>,
    /// Bits/s that the path to one replica carries.
    #[serde(default)]
    pub throughput: Option<Amount>,
    /// Connections to one replica.
    #[serde(default)]
    pub connections: Option<u32>,
    /// Image pulls of a node, or disks of the storage, at the same time.
    #[serde(default)]
    pub prepare_at_once: Option<u32>,
    /// From a node's death until its replicas are seen as not ready.
    #[serde(default)]
    pub node_lost_after: Option<Span>,
}

/// The built-in backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resemblance {
    /// Like the built-in container.
    Container,
    /// Like the built-in virtual machine.
    Vm,
}
