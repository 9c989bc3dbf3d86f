//! The network path to one replica: from flags and defaults.

use super::choose::Chooser;
use super::range::{counted, in_range, out_of_range, span_in_range, times_in_range};
use super::{Amount, ScenarioError, Settings, Span, show};
use crate::stats::Distribution;
use crate::traffic::{ConnectionSpec, PathSpec};
use crate::units::Quantity;

/// The largest request or response, bytes: a terabyte.
const LARGEST: f64 = 1e12;

/// What the paths to all replicas share.
struct Common {
    request_bytes: f64,
    response_bytes: f64,
    keep_alive: Span,
    linger: Span,
    ingress_latency: f64,
}

/// A key, what says it, and its default.
type Said<T> = (&'static str, fn(&Settings) -> &Option<T>, T);

/// What is said of the path of one built-in backend.
struct Keys {
    latency: Said<Distribution>,
    throughput: Said<Amount>,
    connections: Said<u32>,
}

/// The paths to a container and to a virtual machine.
pub(super) fn paths(choose: &mut Chooser<'_>) -> Result<[PathSpec; 2], ScenarioError> {
    let container = Keys {
        latency: (
            "container-path-latency",
            |settings| &settings.container_path_latency,
            Distribution::Deterministic { value: 1e-4 },
        ),
        throughput: (
            "container-throughput",
            |settings| &settings.container_throughput,
            Amount(Quantity::from_milli(10_000_000_000_000)),
        ),
        connections: (
            "container-connections",
            |settings| &settings.container_connections,
            100_000,
        ),
    };
    let vm = Keys {
        latency: (
            "vm-path-latency",
            |settings| &settings.vm_path_latency,
            Distribution::Uniform {
                low: 5e-4,
                high: 1e-3,
            },
        ),
        throughput: (
            "vm-throughput",
            |settings| &settings.vm_throughput,
            Amount(Quantity::from_milli(3_500_000_000_000)),
        ),
        connections: (
            "vm-connections",
            |settings| &settings.vm_connections,
            35_000,
        ),
    };
    let common = common(choose)?;
    Ok([
        path(choose, container, &common)?,
        path(choose, vm, &common)?,
    ])
}

/// Refuses a path that no backend can have.
pub(super) fn check(
    latency: (&'static str, &Distribution),
    throughput: (&'static str, f64),
    connections: (&'static str, u32),
) -> Result<(), ScenarioError> {
    times_in_range(
        latency.0,
        latency.1,
        0.0..=1e9,
        "times of at most 1e9 seconds on average",
    )?;
    if !(1.0..=1e15).contains(&throughput.1) {
        return Err(out_of_range(
            throughput.0,
            &show::throughput(throughput.1),
            "from 1 to 1P bits/s",
        ));
    }
    counted(connections.0, connections.1, 1..=u32::MAX, "at least 1")
}

fn path(choose: &mut Chooser<'_>, keys: Keys, common: &Common) -> Result<PathSpec, ScenarioError> {
    let (latency_key, said, default) = keys.latency;
    let latency = choose.choose(latency_key, said, None, default, show::times);
    let (throughput_key, said, default) = keys.throughput;
    let throughput = choose
        .choose(throughput_key, said, None, default, |amount| {
            show::throughput(amount.units())
        })
        .units();
    let (connections_key, said, default) = keys.connections;
    let most = choose.choose(connections_key, said, None, default, u32::to_string);
    check(
        (latency_key, &latency),
        (throughput_key, throughput),
        (connections_key, most),
    )?;
    Ok(PathSpec {
        latency,
        ingress_latency: common.ingress_latency,
        bits_per_second: throughput,
        request_bytes: common.request_bytes,
        response_bytes: common.response_bytes,
        connections: ConnectionSpec {
            most,
            keep_alive: common.keep_alive.duration(),
            linger: common.linger.duration(),
        },
    })
}

fn common(choose: &mut Chooser<'_>) -> Result<Common, ScenarioError> {
    let mut bytes = |key: &'static str, of: fn(&Settings) -> &Option<Amount>, kibi: i64| {
        let default = Amount(Quantity::from_milli(kibi * 1024 * 1000));
        let bytes = choose.choose(key, of, None, default, show::size).units();
        in_range(key, bytes, 0.0..=LARGEST, "at most 1T")?;
        Ok(bytes)
    };
    let request_bytes = bytes("request-size", |settings| &settings.request_size, 1)?;
    let response_bytes = bytes("response-size", |settings| &settings.response_size, 8)?;
    let mut span = |key: &'static str, of: fn(&Settings) -> &Option<Span>, default| {
        let span = choose.choose(key, of, None, Span(default), Span::to_string);
        span_in_range(key, span, 0.0..=86_400.0, "a time of at most 24h")?;
        Ok(span)
    };
    Ok(Common {
        request_bytes,
        response_bytes,
        keep_alive: span("keep-alive", |settings| &settings.keep_alive, 60.0)?,
        linger: span(
            "connection-linger",
            |settings| &settings.connection_linger,
            120.0,
        )?,
        ingress_latency: span("ingress-latency", |settings| &settings.ingress_latency, 0.0)?.0,
    })
}
