//! What was typed after `recommend`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::args::{Format, InputArgs};
use crate::lint::KubernetesVersion;
use crate::scenario::Span;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan recommend hpa.yaml --trace load.csv --slo 'p99<300ms@99.9%'
  scaleplan recommend k8s/ --hpa shop/web --trace load.csv --fix max --range target=50..80
  scaleplan recommend hpa.yaml --trace load.csv --patch json > patch.json
  scaleplan recommend hpa.yaml --trace load.csv --write

Knobs of --fix, --range and --values: min, max, target, up-window, down-window, up-policies, down-policies,
up-tolerance, down-tolerance. Without any of these flags all of them are searched.

Exit codes: 0 settings were found (or are best as they are), 1 see --fail-on, 2 wrong usage or unreadable input.")]
pub(super) struct RecommendArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// What the patch is for: one kind of backend, or the same settings for both
    /// [default: what the autoscaler scales]
    #[arg(long = "for", value_enum, value_name = "KIND")]
    pub(super) advice_for: Option<For>,
    /// A knob to leave as it is, or at a value: min, max=20; may be repeated or given as a list
    #[arg(long, value_name = "KNOB[=VALUE],...")]
    pub(super) fix: Vec<String>,
    /// The bounds of a knob: target=40..80, min=2..12; may be repeated
    #[arg(long, value_name = "KNOB=LOW..HIGH")]
    pub(super) range: Vec<String>,
    /// The values that a knob may take: down-window=60s,300s; may be repeated
    #[arg(long, value_name = "KNOB=VALUE,...")]
    pub(super) values: Vec<String>,
    /// The share of the runs in which the objective has to hold
    #[arg(long, default_value = "95%", value_name = "PERCENT")]
    pub(super) confidence: Confidence,
    /// The share of the trace, its end, that is kept out of the search to judge what it finds; 0% for none
    #[arg(long, default_value = "33%", value_name = "PERCENT")]
    pub(super) hold_out: HoldOut,
    /// The version of the cluster, such as 1.33: fields that it lacks are not advised
    /// [default: the newest that is known]
    #[arg(long, value_name = "VERSION")]
    pub(super) kubernetes_version: Option<KubernetesVersion>,
    /// How much to search: so many candidates a backend, or so much time
    /// [default: as many candidates as a minute allows on two cores]
    #[arg(long, value_name = "COUNT|TIME")]
    pub(super) budget: Option<Budget>,
    /// The form of the report
    #[arg(long, short, value_enum, default_value_t = Format::Table, value_name = "FORM")]
    pub(super) output: Format,
    /// The form of the patch; strategic and json are printed alone, for kubectl patch or kustomize
    #[arg(long, value_enum, default_value_t = PatchForm::Diff, value_name = "FORM")]
    pub(super) patch: PatchForm,
    /// Change the manifest in place; not after an interrupt
    #[arg(long)]
    pub(super) write: bool,
    /// With --write: also write advice that is a guess at best, as of a trace that is too short
    #[arg(long, requires = "write")]
    pub(super) accept_unproven: bool,
    /// Also draw cost against objective, in PNG
    #[arg(long, value_name = "FILE")]
    pub(super) png: Option<PathBuf>,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value_t = RecommendFailOn::Nothing, value_name = "OUTCOME")]
    pub(super) fail_on: RecommendFailOn,
}

/// What the patch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum For {
    /// Virtual machines
    Vm,
    /// Containers
    Container,
    /// The same settings for all backends
    Both,
}

/// The form of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PatchForm {
    /// A unified diff of the manifest, after the report
    Diff,
    /// A strategic-merge patch; of a ScaledObject a merge patch, for kubectl patch --type=merge
    Strategic,
    /// A JSON patch (RFC 6902)
    Json,
    /// None
    None,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RecommendFailOn {
    /// Nothing that was tried meets the objective
    Nothing,
    /// Likewise, or a change is advised
    Change,
    /// Nothing does
    Never,
}

/// The share of the runs that have to hold, above 0 and at most 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Confidence(pub(super) f64);

impl FromStr for Confidence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Below 1 nobody means percent.
        let bare = text.trim().parse().ok().filter(|percent| *percent > 1.0);
        fraction(text)
            .or(bare.map(|percent: f64| percent / 100.0))
            .filter(|share| *share > 0.0 && *share <= 1.0)
            .map(Self)
            .ok_or_else(|| {
                "expected a percentage such as 95%, above 0% and at most 100%".to_owned()
            })
    }
}

/// The share of a trace that is held out, from 0 to 0.9.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HoldOut(pub(super) f64);

impl FromStr for HoldOut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        fraction(text)
            .filter(|share| (0.0..=0.9).contains(share))
            .map(Self)
            .ok_or_else(|| "expected a percentage such as 33%, from 0% to 90%".to_owned())
    }
}

/// A percentage as a fraction. The sign is asked for, so that 0.95 is not taken for less than one percent.
fn fraction(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    Some(percent / 100.0)
}

/// How much to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Budget {
    /// So many candidates for each backend.
    Evaluations(u64),
    /// So long.
    Time(Duration),
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a count such as 2000, or a time such as 30s".to_owned();
        if let Ok(count) = text.trim().parse::<u64>() {
            return match count {
                0 => Err(expected()),
                count => Ok(Self::Evaluations(count)),
            };
        }
        let span: Span = text.parse().map_err(|_| expected())?;
        let time = Duration::try_from_secs_f64(span.0).map_err(|_| expected())?;
        if time.is_zero() {
            Err(expected())
        } else {
            Ok(Self::Time(time))
        }
    }
}
