//! The sentences of a report: what was played, what the verdict is, what was followed.

use super::format::{self, Unit};
use super::input::{BackendView, Report};
use super::subject::Subject;
use crate::analysis::{SloCard, Verdict, minutes_that_prove};
use crate::outcome::PathLimit;
use crate::scenario::{BackendKind, Slo};
use crate::units::{SimDuration, SimTime};

/// Makes text from a file harmless in one format.
pub(crate) type Escape = fn(&str) -> String;

/// What was played: the autoscaler and its target.
pub(crate) fn autoscaler(subject: &Subject, escape: Escape) -> String {
    let metrics: Vec<String> = subject
        .metric_targets
        .iter()
        .map(|metric| escape(metric))
        .collect();
    let asleep = subject.idle_replicas.map_or_else(String::new, |idle| {
        format!(", {idle} while no trigger is active")
    });
    format!(
        "HorizontalPodAutoscaler {} -> {}, {}, {}..{} replicas{asleep}",
        escape(&subject.name),
        escape(&format!("{}/{}", subject.target.kind, subject.target.name)),
        metrics.join(", "),
        subject.steering.min_replicas,
        subject.steering.max_replicas,
    )
}

/// What it was played against, and how often.
pub(crate) fn workload(subject: &Subject, escape: Escape) -> String {
    let scale = subject.rate_scale;
    let scaled = if (scale - 1.0).abs() > 1e-12 {
        format!(
            " (the recorded ones times {})",
            format::setting((scale * 100.0).round() / 100.0)
        )
    } else {
        String::new()
    };
    format!(
        "Trace {}, {}, {}{scaled}, {}",
        escape(&subject.trace_name),
        format::duration(subject.horizon),
        format::number(subject.requests, Unit::Requests),
        runs(subject.runs),
    )
}

/// What happens beside the trace, as far as three: `Disturbances: at 10m 1 node down for 20m`; `None` where nothing does.
pub(crate) fn disturbances(subject: &Subject, escape: Escape) -> Option<String> {
    const MOST: usize = 3;
    let all = &subject.disturbances;
    let told: Vec<String> = all.iter().take(MOST).map(|one| escape(one)).collect();
    let rest = all.len().saturating_sub(MOST);
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    (!told.is_empty()).then(|| format!("Disturbances: {}{more}", told.join(", ")))
}

/// The objective: `99 % of requests within 300 ms`, and where it counts minutes `, in 99.9 % of the minutes`.
pub(crate) fn objective(slo: Slo) -> String {
    let minutes = slo.good_slices.map_or_else(String::new, |share| {
        format!(", in {} % of the minutes", format::setting(share * 100.0))
    });
    format!(
        "{} % of requests within {}{minutes}",
        format::setting(slo.objective * 100.0),
        format::number(slo.latency, Unit::Seconds)
    )
}

/// Whether the objective held on one backend, and by how much.
pub(crate) fn verdict(report: &Report, view: &BackendView, escape: Escape) -> String {
    let slo = &view.card.slo;
    let name = escape(&view.card.backend);
    let told = format!("{}, {} allowed", spent(report, slo), allowed(report, slo));
    match slo.verdict {
        Verdict::Met if slo.missed_runs == 0 => {
            format!(
                "{name} meets the objective in all {}: {told}.",
                runs(slo.runs)
            )
        }
        Verdict::Met => format!(
            "{name} meets the objective in {} of {}: {told}.",
            slo.runs.saturating_sub(slo.missed_runs),
            runs(slo.runs)
        ),
        Verdict::Missed => format!(
            "{name} misses the objective in {} of {}: {told}.",
            slo.missed_runs,
            runs(slo.runs)
        ),
        Verdict::Unproven => format!(
            "{name} leaves the objective unproven: its runs hold it, but {}.",
            too_few(report, slo)
        ),
    }
}

/// What the objective does not allow, as far as it happened.
fn spent(report: &Report, slo: &SloCard) -> String {
    if report.subject.slo.good_slices.is_some() {
        format!(
            "{} of {} below it",
            format::band(&slo.violation_minutes, Unit::Minutes).joined(),
            format::number(slo.counted_minutes.median, Unit::Minutes),
        )
    } else {
        let bad = format::band(&slo.bad_percent, Unit::Percent).joined();
        format!("{bad} of requests bad")
    }
}

/// What the objective allows.
fn allowed(report: &Report, slo: &SloCard) -> String {
    if report.subject.slo.good_slices.is_some() {
        format::number(slo.allowed_minutes.median, Unit::Minutes)
    } else {
        let percent = 100.0 - report.subject.slo.objective * 100.0;
        format!("{} %", format::setting(percent))
    }
}

/// Why runs that hold the objective do not show it.
fn too_few(report: &Report, slo: &SloCard) -> String {
    match report.subject.slo.good_slices {
        Some(share) => format!(
            "{} with requests cannot prove {} % of the minutes: that takes {}",
            format::number(slo.counted_minutes.median, Unit::Minutes),
            format::setting(share * 100.0),
            format::number(minutes_that_prove(share), Unit::Minutes),
        ),
        None => format!(
            "{} cannot prove {} %",
            format::number(slo.requests.median, Unit::Requests),
            format::setting(report.subject.slo.objective * 100.0),
        ),
    }
}

/// Whether the objective held on one backend, and whether that counts, in a heading's length.
pub(crate) fn short_verdict(report: &Report, view: &BackendView, escape: Escape) -> String {
    let word = match view.card.slo.verdict {
        Verdict::Met => "objective met",
        Verdict::Missed => "objective missed",
        Verdict::Unproven => "objective unproven",
    };
    let spent = spent(report, &view.card.slo);
    let counts = if view.counts && report.scorecard.backends.len() > 1 {
        " (this verdict counts)"
    } else {
        ""
    };
    format!("{}: {word}{counts}, {spent}", escape(&view.card.backend))
}

/// Why this backend's verdict is the one that counts.
pub(crate) fn why_it_counts(report: &Report, view: &BackendView, escape: Escape) -> String {
    let kind = &report.subject.target.kind;
    let replicas = match view.kind {
        BackendKind::Container => "containers",
        BackendKind::Vm => "virtual machines",
    };
    let is_vm_kind = kind.starts_with("VirtualMachine");
    let is_known =
        is_vm_kind || ["Deployment", "StatefulSet", "ReplicaSet"].contains(&kind.as_str());
    let name = escape(&view.card.backend);
    if is_vm_kind == (view.kind == BackendKind::Vm) {
        let runs = if is_known { "runs" } else { "is taken to run" };
        format!(
            "The verdict of {name} counts: a {} {runs} {replicas}.",
            escape(kind)
        )
    } else {
        format!("The verdict of {name} counts.")
    }
}

/// What the path did on each backend where that is known: which limit bound first, or that none did, and which losses
/// were not to be seen.
pub(crate) fn path(report: &Report, escape: Escape) -> Vec<String> {
    let known = report
        .backends()
        .filter(|view| !view.card.path.mean.median.is_nan());
    let mut sentences = Vec::new();
    let mut unbound = Vec::new();
    for view in known.clone() {
        let name = escape(&view.card.backend);
        let Some((limit, first_in)) = view.card.path.bound_first() else {
            unbound.push(name);
            continue;
        };
        let first = SimDuration::from_seconds_rounded(view.card.path.bound_first_at.median);
        sentences.push(format!(
            "On {name} {} of the path bound first, at {}, in {first_in} of {}.",
            limit_name(limit),
            format::moment(SimTime::ZERO + first),
            runs(view.card.slo.runs),
        ));
    }
    if !unbound.is_empty() {
        sentences.push(format!(
            "On {} no limit of the path bound: none spoilt 0.1 % of a minute's requests.",
            unbound.join(" and ")
        ));
    }
    sentences.extend(known.filter_map(|view| unseen_losses(&view, escape)));
    sentences
}

/// What came back on each backend where clients tried again often: retries are load that nobody sent.
pub(crate) fn retries(report: &Report, escape: Escape) -> Vec<String> {
    const OFTEN: f64 = 0.1;
    let told = report.backends().filter_map(|view| {
        let share = view.card.traffic.retries.median / view.card.slo.requests.median;
        (share >= OFTEN).then(|| {
            format!(
                "On {} clients tried again {} times for every 100 requests: retries are load of their own, and may keep up \
                 the overload that set them off.",
                escape(&view.card.backend),
                format::setting((share * 100.0).round()),
            )
        })
    });
    told.collect()
}

/// The losses against a container that a path did not show, and how full it was; `None` where it showed all of them,
/// or there are none to show.
fn unseen_losses(view: &BackendView, escape: Escape) -> Option<String> {
    let path = &view.card.path;
    if path.loss.latency_percent.median.is_nan() {
        return None;
    }
    let throughput = (
        "dT",
        path.loss.throughput_percent,
        "throughput",
        path.peak_throughput_percent,
    );
    let connections = (
        "dC",
        path.loss.connections_percent,
        "connections",
        path.peak_connections_percent,
    );
    let mut names = Vec::new();
    let mut used = Vec::new();
    for (name, loss, of, share) in [throughput, connections] {
        if loss.median.is_nan() {
            names.push(name);
            used.push(if share.median.is_nan() {
                format!("no limit of {of}")
            } else {
                format!(
                    "{} of its {of}",
                    format::number(share.median, Unit::Percent)
                )
            });
        }
    }
    (!names.is_empty()).then(|| {
        format!(
            "{} of {} did not show, with {} used: a loss shows where a full path carries less than the container's.",
            names.join(" and "),
            escape(&view.card.backend),
            used.join(" and "),
        )
    })
}

/// A limit of the path in a sentence.
pub(crate) const fn limit_name(limit: PathLimit) -> &'static str {
    match limit {
        PathLimit::Latency => "latency",
        PathLimit::Throughput => "throughput",
        PathLimit::Connections => "connections",
    }
}

/// What was followed, by which program, from which seed.
pub(crate) fn provenance(subject: &Subject, followed_version: &str, escape: Escape) -> String {
    format!(
        "Decisions follow the {}; scaleplan {}, seed {}.",
        escape(followed_version),
        subject.program_version,
        subject.seed
    )
}

/// How to read the figures.
pub(crate) fn reading(count: u32) -> String {
    if count > 1 {
        format!(
            "Figures are medians of {} with their 5-95 % band; where the band is left out, all agree.",
            runs(count)
        )
    } else {
        "Figures are those of a single run: other phases and draws would give others.".to_owned()
    }
}

/// `1 run`, `20 runs`.
pub(crate) fn runs(count: u32) -> String {
    match count {
        1 => "1 run".to_owned(),
        _ => format!("{} runs", format::count(f64::from(count))),
    }
}
