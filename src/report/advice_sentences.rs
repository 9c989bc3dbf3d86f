//! The sentences of advice: what to do, how sure that is, what could not be concluded, what was searched.

use super::advice_input::{AdviceReport, Deciding, PartView, WrittenAs};
use super::escape;
use super::format::{self, Unit};
use super::sentences::{self, Escape, runs};
use crate::advice::{
    Binding, Conclusion, Ended, Limitation, NearestMiss, NineCost, Searched, Standing, TheoryGap,
    TunedOn,
};
use crate::lint::Finding;
use crate::outcome::Bound;
use crate::scenario::Origin;
use crate::stats::proportion_lower_bound;

/// How sure the bound of a share of runs is.
pub(crate) const BOUND_CONFIDENCE: f64 = 0.95;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// The objective and in how many runs it is to hold.
pub(crate) fn objective(report: &AdviceReport) -> String {
    format!(
        "{} in at least {} % of the runs",
        sentences::objective(report.advice.slo),
        format::setting(report.advice.confidence * 100.0)
    )
}

/// What to do, what it buys and what it costs.
pub(crate) fn answer(report: &AdviceReport, view: &PartView, escape: Escape) -> String {
    let objective = sentences::objective(report.advice.slo);
    let name = escape(&report.scenario.name);
    let on = view.name(escape);
    let Deciding { now, best, stretch } = view.deciding();
    let text = match &view.part.conclusion {
        Conclusion::Keep => format!(
            "Keep {name} as it is on {on}: the objective, {objective}, holds in {}, for {} a day; {}.",
            held(now, stretch),
            hours(now),
            if was_tried(view) {
                "nothing that was tried holds it for noticeably less"
            } else {
                "nothing else was tried in the time"
            },
        ),
        Conclusion::Change => {
            let before = if now.holds {
                String::new()
            } else {
                format!(", now in {} of {}", now.held_runs, now.runs)
            };
            let missed_before = if now.holds && !view.part.now.tuned.holds {
                " The present settings miss it on the part tuned on."
            } else {
                ""
            };
            let bad = |standing: &Standing| {
                format::number(standing.figures.bad_percent.median, Unit::Percent)
            };
            format!(
                "Change {} of {name} for {on}: the objective, {objective}, holds in {}{before}, for {} a day instead of {}, \
                 with {} of the requests bad instead of {}.{missed_before}",
                settings(view.part.changes.len()),
                held(best, stretch),
                hours(best),
                instead(best, now),
                bad(best),
                bad(now),
            )
        }
        Conclusion::NothingMeets(miss) if !was_tried(view) => format!(
            "{name} misses {objective} on {on} as it is, and nothing else was tried in the time: it holds in {}, the worst run \
             that counts spending {} of the error budget, for {} a day. {}",
            held(best, stretch),
            format::number(best.figures.must_hold * 100.0, Unit::Percent),
            hours(best),
            cause(report, miss, escape),
        ),
        Conclusion::NothingMeets(miss) => format!(
            "Nothing that was tried meets {objective} for {name} on {on}: nearest are {}, which hold it in {}, the worst run \
             that counts spending {} of the error budget, for {} a day. {}",
            nearest(view.part.changes.len()),
            held(best, stretch),
            format::number(best.figures.must_hold * 100.0, Unit::Percent),
            hours(best),
            cause(report, miss, escape),
        ),
    };
    let doubts = doubts(report, view);
    if doubts.is_empty() {
        text
    } else {
        format!("{text} This is a guess at best: {}.", doubts.join("; "))
    }
}

/// What has to be edited along with the change, in other objects: a sentence each, safe to print.
#[must_use]
pub fn edits_along(report: &AdviceReport) -> Vec<String> {
    let findings = report.along.iter();
    findings
        .map(|finding| along(finding, escape::plain))
        .collect()
}

/// What has to be edited along in another object, and why.
pub(crate) fn along(finding: &Finding, escape: Escape) -> String {
    format!(
        "Along with it, edit {} in {}: {}; otherwise {} ({}).",
        escape(&finding.object),
        escape(&finding.place.source),
        escape(&finding.help),
        escape(&finding.message),
        finding.rule.code,
    )
}

/// Whether a search that was ended early came to anything but the present settings.
fn was_tried(view: &PartView) -> bool {
    let searched = view.part.searched;
    searched.tried > 1 || !searched.ended.is_early()
}

/// What to do about the autoscaler whose patch is offered, safe to print; `None` where no backend was advised on.
#[must_use]
pub fn advice_answer(report: &AdviceReport) -> Option<String> {
    let view = report.parts().next()?;
    Some(answer(report, &view, escape::plain))
}

/// Why the advice whose patch is offered is a guess at best, each as a part of a sentence; empty where it is none.
#[must_use]
pub fn advice_doubts(report: &AdviceReport) -> Vec<String> {
    let chosen = report.parts().next();
    chosen.map_or_else(Vec::new, |view| doubts(report, &view))
}

/// Why neither the trace nor what was played of it can carry an answer, each as a part of a sentence.
pub(crate) fn doubts(report: &AdviceReport, view: &PartView) -> Vec<String> {
    let doubt = |limitation: &Limitation| match limitation {
        Limitation::TooShort { .. } => Some("the trace is too short to judge settings by"),
        Limitation::TooCoarse { .. } => {
            Some("the trace's steps hide what happens within the dead time")
        }
        Limitation::NoChange { .. } => Some("the load hardly changes"),
        Limitation::Unproven => Some(match report.advice.slo.good_slices {
            None => "so few requests cannot show the objective",
            Some(_) => "so few minutes cannot show the objective",
        }),
        Limitation::PeakHeldOut { .. }
        | Limitation::TunedOnAll(_)
        | Limitation::DemandAssumed(_)
        | Limitation::NotInThisVersion { .. }
        | Limitation::NewerCluster
        | Limitation::TooFewRuns { .. } => None,
    };
    let of_trace = report.advice.limitations.iter().filter_map(doubt);
    let mut doubts: Vec<String> = of_trace.map(str::to_owned).collect();
    let played = view.deciding().best.runs;
    if played < report.advice.runs {
        doubts.push(format!(
            "{} of {} was played before it ended",
            format::count(f64::from(played)),
            runs(report.advice.runs)
        ));
    } else if !was_tried(view) {
        doubts.push("the search ended before it began".to_owned());
    }
    doubts
}

/// The answer in a heading's length.
pub(crate) fn short_answer(view: &PartView, escape: Escape) -> String {
    let what = match &view.part.conclusion {
        Conclusion::Keep => "keep the settings".to_owned(),
        Conclusion::Change => format!("change {}", settings(view.part.changes.len())),
        Conclusion::NothingMeets(_) => "nothing that was tried meets the objective".to_owned(),
    };
    format!("{}: {what}", view.name(escape))
}

/// Where nobody said how long a request takes: that what was said of it is a property of the default.
fn assumed_service_time(report: &AdviceReport, escape: Escape) -> String {
    let mut assumptions = report.scenario.assumptions.iter();
    let assumed = assumptions.find(|it| it.key == "service-time" && it.origin == Origin::Default);
    assumed.map_or_else(String::new, |assumed| {
        format!(
            " (with the assumed service time of {} in the mean: --service-time tells yours)",
            escape(&assumed.value)
        )
    })
}

/// What binds where nothing meets the objective, and whether containers would not be bound.
fn cause(report: &AdviceReport, miss: &NearestMiss, escape: Escape) -> String {
    let binding = match miss.binding {
        Binding::Loop(bound) => format!(
            "{} what binds ({} of the time under demand).",
            binding_words(bound),
            format::number(miss.share * 100.0, Unit::Percent)
        ),
        Binding::Path => format!(
            "The path, or a replica at its quickest, is too slow for it whatever the count{}.",
            assumed_service_time(report, escape)
        ),
    };
    let container = match miss.container_would {
        None => "",
        Some(true) => " As a container it would hold.",
        Some(false) => " As a container it would not hold either.",
    };
    let held_out = if miss.only_held_out {
        " The first part by itself can be met; nothing that was tried meets both."
    } else {
        ""
    };
    format!("{binding}{container}{held_out}")
}

/// A bound as what a sentence begins with.
const fn binding_words(bound: Bound) -> &'static str {
    match bound {
        Bound::Metrics => "The metrics, which show the demand late, are",
        Bound::Tolerance => "The tolerance is",
        Bound::Stabilization => "The stabilization window is",
        Bound::Policy => "The scaling policies are",
        Bound::MaxReplicas => "maxReplicas is",
        Bound::Nodes => "Room on the nodes is",
        Bound::Startup => "Startup is",
    }
}

/// How far runs show that the objective holds: never with certainty.
pub(crate) fn confidence(report: &AdviceReport, view: &PartView) -> String {
    let Deciding { best, stretch, .. } = view.deciding();
    let whose = match view.part.conclusion {
        Conclusion::Keep => "The present settings",
        Conclusion::Change => "The advised settings",
        Conclusion::NothingMeets(_) => "The nearest settings",
    };
    let unproven = match report.advice.slo.good_slices {
        _ if best.proven => "",
        None => " So few requests cannot prove the objective.",
        Some(_) => " So few minutes cannot prove the objective.",
    };
    let was_unseen = view.part.tuned_on == TunedOn::FirstPart && view.part.best.held_out.is_some();
    if !was_unseen {
        return format!(
            "{whose} held in {}: these runs are those that the search chose by, which says nothing of others.{unproven}",
            held(best, stretch)
        );
    }
    format!(
        "{whose} held in {}: with {} % confidence in at least {} of such runs, of this trace with other phases and \
         draws.{unproven}",
        held(best, stretch),
        format::setting(BOUND_CONFIDENCE * 100.0),
        format::number(held_bound_percent(best), Unit::Percent),
    )
}

/// The least share of runs in which the objective holds, percent, with [`BOUND_CONFIDENCE`].
pub(crate) fn held_bound_percent(standing: &Standing) -> f64 {
    100.0 * proportion_lower_bound(standing.held_runs, standing.runs, BOUND_CONFIDENCE)
}

/// Which part of the trace was tuned on and which was held out.
pub(crate) fn split(report: &AdviceReport) -> String {
    let split = report.advice.split;
    let again = |limitation: &Limitation| matches!(limitation, Limitation::TunedOnAll(_));
    let unseen = if report.advice.limitations.iter().any(again) {
        ", some on both: see below"
    } else {
        ", which the search did not see"
    };
    let day = if split.end.as_seconds() < DAY {
        " Figures a day are those of a part over and over, until the day is full: they compare, and forecast nothing."
    } else {
        ""
    };
    match split.at {
        Some(at) => format!(
            "Settings were tuned on the first {} of the trace and judged on the other {}{unseen}.{day}",
            format::duration(at.since_start()),
            format::duration(split.end - at),
        ),
        None => format!(
            "Settings were tuned and judged on all {} of the trace: nothing was held out.{day}",
            format::duration(split.end.since_start()),
        ),
    }
}

/// What a trace does not tell.
pub(crate) fn limitation(report: &AdviceReport, limitation: &Limitation, escape: Escape) -> String {
    let seconds = |span: f64| format::number(span, Unit::Seconds);
    match limitation {
        Limitation::TooShort {
            seconds: length,
            needed,
        } => format!(
            "The trace lasts {}: too short to hold a part out, which takes {}; the settings are judged on what they were \
             tuned on.",
            seconds(*length),
            seconds(*needed)
        ),
        Limitation::TooCoarse { step, dead_time } => format!(
            "The trace has a step each {}, longer than the loop's dead time of {}: what happens within a step is not in it, \
             and no advice holds for it.",
            seconds(*step),
            seconds(*dead_time)
        ),
        Limitation::NoChange { peak_to_mean } => format!(
            "The arrival rate hardly changes (its peak is {} times its mean): nothing is learnt of scaling from it.",
            ratio(*peak_to_mean)
        ),
        Limitation::PeakHeldOut { ratio: peaks } => format!(
            "The peak of the part held out is {} times that of the part tuned on: the settings were tuned on less than they \
             are judged on.",
            ratio(*peaks)
        ),
        Limitation::TunedOnAll(backends) => format!(
            "Settings for {} that were tuned on the first part missed on the part held out: they were tuned again on all of \
             the trace, and nothing is left to judge them on.",
            escape(&backends.join(" and "))
        ),
        Limitation::Unproven => match report.advice.slo.good_slices {
            None => format!(
                "The trace has {}: too few, in one of its parts at least, to show {} % of them good.",
                format::number(report.scenario.trace.total_requests(), Unit::Requests),
                format::setting(report.advice.slo.objective * 100.0)
            ),
            Some(share) => format!(
                "The trace has {:.0} minutes: too few, in one of its parts at least, to show {} % of them good.",
                report.scenario.trace.end().as_seconds() / 60.0,
                format::setting(share * 100.0)
            ),
        },
        Limitation::DemandAssumed(flags) => format!(
            "What a request costs was assumed from the present target: on the changed manifest give {} to judge it on the \
             same load, or measure it.",
            escape(flags)
        ),
        Limitation::NotInThisVersion { version, settings } => format!(
            "There is no place for {} in {}: these were left as they are.",
            escape(settings),
            escape(version)
        ),
        Limitation::NewerCluster => "A tolerance takes a cluster of Kubernetes 1.35, or of 1.33 with the gate \
                                     HPAConfigurableTolerance; others drop it. --kubernetes-version tells what yours is."
            .to_owned(),
        Limitation::TooFewRuns {
            runs: played,
            shown,
            needed,
        } => {
            let share = format::setting(report.advice.confidence * 100.0);
            let needed = match needed {
                Some(needed) => format!(
                    "cannot tell {share} % of the runs from all of them, which had to hold instead; --runs {needed} and more \
                     can"
                ),
                None => "are not all that may happen".to_owned(),
            };
            format!(
                "{} {needed}. Even if all of them hold, that shows no more than {} of such runs, with {} % confidence.",
                runs(*played),
                format::number(shown * 100.0, Unit::Percent),
                format::setting(BOUND_CONFIDENCE * 100.0)
            )
        }
    }
}

/// What was searched for one part, and why the search ended.
pub(crate) fn searched(report: &AdviceReport, view: &PartView, escape: Escape) -> String {
    let Searched {
        candidates,
        tried,
        given_up,
        confirmed,
        ended,
    } = view.part.searched;
    let alone = match report.written_as {
        WrittenAs::HorizontalPodAutoscaler => "",
        WrittenAs::ScaledObject => {
            " pollingInterval, cooldownPeriod and fallback were left as they are."
        }
    };
    let left_out = if report.left_out.is_empty() {
        String::new()
    } else {
        let rules = report.left_out.iter();
        let named: Vec<String> = rules
            .map(|rule| format!("{} {}", rule.code, rule.slug))
            .collect();
        format!(
            " Settings that lint warns of were left out: {}; what is asked for by --fix, --range or --values is not.",
            named.join(", ")
        )
    };
    format!(
        "For {}, {} of {} were tried, {} of them given up early, {} confirmed over {}. {}{alone}{left_out}",
        view.name(escape),
        count(tried),
        candidates_text(candidates),
        count(given_up),
        count(confirmed),
        runs(report.advice.runs),
        ended_words(ended),
    )
}

/// Why a search ended.
pub(crate) const fn ended_words(ended: Ended) -> &'static str {
    match ended {
        Ended::Exhausted => "It ended when every candidate had been looked at.",
        Ended::Settled => {
            "It ended when no neighbour of the best was better and further draws brought nothing."
        }
        Ended::CountSpent => {
            "It ended when the budget of candidates was spent: a larger one may find better settings."
        }
        Ended::TimeSpent => {
            "It ended when the time was spent: more of it may find better settings."
        }
        Ended::Interrupted => "It was interrupted: these are the best settings found until then.",
    }
}

/// Where search and theory differ.
pub(crate) fn theory_gap(report: &AdviceReport, gap: &TheoryGap, escape: Escape) -> String {
    let because = gap.because.trim().trim_end_matches('.');
    let why = if because.is_empty() {
        String::new()
    } else {
        format!(": {}", escape(because))
    };
    format!(
        "{}: the search found {}, the closed form says {}, {} apart{why}.",
        report.knob_label(gap.knob, escape),
        report.value_text(gap.knob, &gap.searched),
        report.value_text(gap.knob, &gap.theory),
        format::number(gap.replicas.abs(), Unit::Replicas),
    )
}

/// What each objective costs, beside the one before it; those that cost the same in one sentence.
pub(crate) fn nines(report: &AdviceReport, nines: &[NineCost], escape: Escape) -> Vec<String> {
    let same_cost = |one: &NineCost, next: &NineCost| match (one.replica_hours, next.replica_hours)
    {
        (Some(one), Some(next)) => (one - next).abs() <= one.abs() * 1e-6,
        (one_cost, next_cost) => {
            one_cost.is_none() && next_cost.is_none() && one.possible == next.possible
        }
    };
    let mut before = None;
    let groups = nines.chunk_by(same_cost);
    groups
        .map(|group| {
            let told = nine(report, group, before, escape);
            before = group.last();
            told
        })
        .collect()
}

/// What objectives of one cost come to, beside the one before them.
fn nine(
    report: &AdviceReport,
    group: &[NineCost],
    before: Option<&NineCost>,
    escape: Escape,
) -> String {
    let objective = |nine: &NineCost| format!("{} %", format::setting(nine.objective * 100.0));
    let (objective, it, nine) = match group {
        [] => return String::new(),
        [only] => (objective(only), "it", only),
        [first, .., last] => {
            let between = if group.len() == 2 { "and" } else { "to" };
            let both = format!("{} {between} {}", objective(first), objective(last));
            (both, "them", first)
        }
    };
    let Some(own) = nine.replica_hours else {
        return if nine.possible {
            format!("{objective}: nothing that was tried meets {it}")
        } else {
            format!(
                "{objective}: impossible, as even an idle replica answers too many requests too late for {it}{}",
                assumed_service_time(report, escape)
            )
        };
    };
    let more = match before.and_then(|before| before.replica_hours) {
        Some(before) => format!(", {}", format::difference(own - before, Unit::ReplicaHours)),
        None => String::new(),
    };
    let cost = nine.cost.map_or_else(String::new, |cost| {
        format!(", cost {}", format::number(cost, Unit::Price))
    });
    format!(
        "{objective}: {} a day{more}{cost}",
        format::number(own, Unit::ReplicaHours)
    )
}

/// `20 of 20 runs of the part held out`.
fn held(standing: &Standing, stretch: &str) -> String {
    format!(
        "{} of {}{stretch}",
        format::count(f64::from(standing.held_runs)),
        runs(standing.runs)
    )
}

fn hours(standing: &Standing) -> String {
    let text = format::number(standing.figures.replica_hours.median, Unit::ReplicaHours);
    text.replace("replica-h", "replica-hours")
}

/// What one pays instead of, and how much that is less or more: `131 (-10 %)`.
fn instead(best: &Standing, now: &Standing) -> String {
    let (best, now) = (
        best.figures.replica_hours.median,
        now.figures.replica_hours.median,
    );
    let plain = format::number(now, Unit::ReplicaHours);
    let before = plain.split(' ').next().unwrap_or_default().to_owned();
    let share = (100.0 * (best / now - 1.0)).round();
    if share.is_finite() {
        format!("{before} ({})", format::signed_percent(share))
    } else {
        before
    }
}

fn nearest(changes: usize) -> String {
    match changes {
        0 => "the present settings".to_owned(),
        1 => "those with 1 setting changed".to_owned(),
        more => format!("those with {more} settings changed"),
    }
}

fn settings(count: usize) -> String {
    match count {
        1 => "1 setting".to_owned(),
        more => format!("{more} settings"),
    }
}

fn candidates_text(candidates: u64) -> String {
    match candidates {
        1 => "1 candidate".to_owned(),
        more => format!("{} candidates", count(more)),
    }
}

fn count(things: u64) -> String {
    format::count(things as f64)
}

fn ratio(value: f64) -> String {
    format::number(value, Unit::Ratio)
}
