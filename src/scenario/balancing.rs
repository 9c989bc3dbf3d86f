//! How a replica is chosen for a request: from flags, the workload's Service and defaults.

use super::choose::Chooser;
use super::range::{counted, in_range, span_in_range, times_in_range};
use super::{Fidelity, Origin, ScenarioError, SessionAffinity, Span, show};
use crate::manifest::Service;
use crate::traffic::{Balancing, ClientPopulation, Pinning, Strategy};

/// The balancing of every backend.
pub(super) fn balancing(
    choose: &mut Chooser<'_>,
    service: Option<&Service>,
    warnings: &mut Vec<String>,
) -> Result<Balancing, ScenarioError> {
    let strategy = choose.choose(
        "balancing",
        |settings| &settings.balancing,
        None,
        Strategy::Random,
        Strategy::to_string,
    );
    let dispatchers = choose.choose(
        "dispatchers",
        |settings| &settings.dispatchers,
        None,
        1,
        u32::to_string,
    );
    counted(
        "dispatchers",
        dispatchers,
        1..=1000,
        "a count from 1 to 1,000",
    )?;
    let pinning = pinning(choose, service, warnings)?;
    let count = choose.choose("clients", |s| &s.clients, None, 1000, u32::to_string);
    counted(
        "clients",
        count,
        1..=1_000_000,
        "a count from 1 to 1,000,000",
    )?;
    let skew = choose.choose("client-skew", |s| &s.client_skew, None, 0.0, f64::to_string);
    in_range("client-skew", skew, 0.0..=10.0, "a number from 0 to 10")?;
    Ok(Balancing {
        strategy,
        dispatchers,
        pinning,
        clients: ClientPopulation { count, skew },
    })
}

/// For how long a choice holds.
fn pinning(
    choose: &mut Chooser<'_>,
    service: Option<&Service>,
    warnings: &mut Vec<String>,
) -> Result<Pinning, ScenarioError> {
    let affinity = choose.said(|settings| &settings.session_affinity);
    let lifetime = choose.said(|settings| &settings.connection_lifetime);
    let is_pinned = affinity.as_ref().is_some_and(|said| said.value.0.is_some());
    if lifetime.is_some() && is_pinned {
        return Err(ScenarioError::Exclusive(
            "--session-affinity",
            "--connection-lifetime",
        ));
    }
    if let Some(lifetime) = lifetime {
        if affinity.is_none() && service.is_some() {
            warnings.push(
                "the Service's sessionAffinity is not played beside a connection-lifetime: each connection is balanced \
                 on its own"
                    .to_owned(),
            );
        }
        times_in_range(
            "connection-lifetime",
            &lifetime.value,
            1e-3..=1e8,
            "times of 1ms to 1000d on average",
        )?;
        choose.note(
            "session-affinity",
            "none".to_owned(),
            Origin::Derived("a connection-lifetime is said".to_owned()),
        );
        choose.note(
            "connection-lifetime",
            show::times(&lifetime.value),
            lifetime.origin,
        );
        return Ok(Pinning::Connection(lifetime.value));
    }
    let affinity = choose.choose(
        "session-affinity",
        |settings| &settings.session_affinity,
        service.map(|service| SessionAffinity(Some(Span(service.affinity.as_seconds())))),
        SessionAffinity(None),
        SessionAffinity::to_string,
    );
    let Some(timeout) = affinity.0 else {
        return Ok(Pinning::Request);
    };
    span_in_range(
        "session-affinity",
        timeout,
        1e-3..=86_400.0,
        "a time from 1ms to 24h, or none",
    )?;
    Ok(Pinning::Affinity(timeout.duration()))
}

/// What of a balancing the fluid only approximates, as a sentence.
pub(super) fn only_discrete(balancing: &Balancing, fidelity: Fidelity) -> Option<String> {
    let told = match (&balancing.pinning, balancing.strategy) {
        _ if fidelity == Fidelity::Discrete => return None,
        (Pinning::Affinity(_), _) => "session affinity",
        (Pinning::Connection(_), _) => "balancing of long-lived connections",
        (Pinning::Request, Strategy::IpHash) => "ip-hash",
        (Pinning::Request, _) => return None,
    };
    Some(format!(
        "{told} is only approximated by the fluid: its figures may be far too good, since clients' unequal shares \
         are five classes of replicas, none of which overflows; --fidelity discrete follows every client"
    ))
}
