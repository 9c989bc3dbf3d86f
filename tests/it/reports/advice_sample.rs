//! Hand-made advice: containers whose settings are to be changed, and machines for which nothing helps.

use super::cards::around;
use super::sample::Sample;
use scaleplan::advice::{
    Advice, Advised, Axis, Binding, Candidate, ChangeAdvice, Conclusion, Ended, Figures,
    FrontPoint, Judged, Knob, Lattice, Limitation, NearestMiss, NineCost, PolicySet, Searched,
    Split, Standing, TheoryGap, TunedOn, Value,
};
use scaleplan::hpa::{MetricTarget, PolicyKind, ScalingPolicy, SelectPolicy};
use scaleplan::lint::Finding;
use scaleplan::outcome::Bound;
use scaleplan::report::{AdviceReport, WrittenAs};
use scaleplan::scenario::Scenario;
use scaleplan::units::{SimDuration, SimTime};

const PATCH: &str = "\
--- hpa.yaml
+++ hpa.yaml
@@ -6,9 +6,9 @@
 spec:
-  minReplicas: 1 # one is enough
+  minReplicas: 3 # one is enough
   maxReplicas: 10
   metrics:
-  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
+  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
";

/// Everything that a report of advice borrows.
pub(super) struct AdviceSample {
    pub(super) scenario: Scenario,
    pub(super) advice: Advice,
    pub(super) patch: Option<String>,
    pub(super) along: Vec<Finding>,
}

impl AdviceSample {
    /// Three settings for containers; nothing for machines.
    pub(super) fn of_both() -> Self {
        let mut scenario = Sample::spike().scenario;
        "shop/web".clone_into(&mut scenario.name);
        "web".clone_into(&mut scenario.target.name);
        let lattice = lattice(&scenario);
        let advice = Advice {
            slo: scenario.slo,
            confidence: 0.95,
            runs: 20,
            split: Split {
                at: Some(SimTime::from_seconds(2160)),
                end: SimTime::from_seconds(3600),
            },
            parts: vec![container(&lattice), vm(&lattice)],
            lattice,
            chosen: 0,
            limitations: vec![
                Limitation::PeakHeldOut { ratio: 1.24 },
                Limitation::TooCoarse {
                    step: 300.0,
                    dead_time: 52.0,
                },
            ],
        };
        Self {
            scenario,
            advice,
            patch: Some(PATCH.to_owned()),
            along: Vec::new(),
        }
    }

    /// Only containers.
    pub(super) fn of_containers() -> Self {
        let mut sample = Self::of_both();
        sample.advice.parts.truncate(1);
        sample
    }

    /// The settings are as good as any.
    pub(super) fn keep() -> Self {
        let mut sample = Self::of_containers();
        sample.patch = None;
        let part = &mut sample.advice.parts[0];
        part.conclusion = Conclusion::Keep;
        part.now = part.best.clone();
        part.now.candidate = sample.advice.lattice.present();
        part.best = part.now.clone();
        part.changes.clear();
        part.theory_gaps.clear();
        sample
    }

    /// Nothing was held out, and only one run was played.
    pub(super) fn of_one_run() -> Self {
        let mut sample = Self::of_containers();
        sample.advice.runs = 1;
        sample.advice.split.at = None;
        sample.advice.limitations = vec![Limitation::TooShort {
            seconds: 3600.0,
            needed: 86_400.0,
        }];
        let part = &mut sample.advice.parts[0];
        for judged in [&mut part.now, &mut part.best] {
            judged.held_out = None;
            judged.tuned.runs = 1;
            judged.tuned.held_runs = u32::from(judged.tuned.holds);
        }
        sample
    }

    /// Every number is missing or beyond all measure.
    pub(super) fn without_any_number(value: f64) -> Self {
        let mut sample = Self::of_both();
        for part in &mut sample.advice.parts {
            let figures = Figures {
                budget_spent: around(value, 0.0),
                must_hold: value,
                bad_percent: around(value, 0.0),
                violation_minutes: around(value, 0.0),
                replica_hours: around(value, 0.0),
                cost: around(value, 0.0),
                reversals: around(value, 0.0),
                peak_ready: around(value, 0.0),
            };
            for judged in [&mut part.now, &mut part.best] {
                judged.tuned.figures = figures;
                judged.held_out = judged.held_out.map(|standing| Standing {
                    figures,
                    ..standing
                });
            }
            for change in &mut part.changes {
                (change.alone, change.without) = (Some(figures), Some(figures));
            }
            for point in &mut part.front {
                (point.replica_hours, point.budget_spent) = (value, value);
            }
            for nine in &mut part.nines {
                (nine.replica_hours, nine.cost) = (Some(value), Some(value));
            }
            for gap in &mut part.theory_gaps {
                gap.replicas = value;
            }
        }
        sample.advice.limitations = vec![
            Limitation::TooShort {
                seconds: value,
                needed: value,
            },
            Limitation::TooCoarse {
                step: value,
                dead_time: value,
            },
            Limitation::NoChange {
                peak_to_mean: value,
            },
            Limitation::PeakHeldOut { ratio: value },
        ];
        sample
    }

    /// Every text that comes from a file is an attack.
    pub(super) fn with_hostile_names(mut self) -> Self {
        let attacked = Sample::spike().with_hostile_names().scenario;
        let attack = attacked.trace_name.clone();
        self.scenario = attacked;
        for part in &mut self.advice.parts {
            part.backends = vec!["=cmd|' /C calc,\u{1b}[2J".to_owned(), attack.clone()];
            for gap in &mut part.theory_gaps {
                gap.because.clone_from(&attack);
                gap.knob = Knob::Target(1);
            }
            for change in &mut part.changes {
                change.knob = Knob::Target(1);
            }
        }
        for axis in &mut self.advice.lattice.axes {
            axis.knob = Knob::Target(1);
        }
        self.advice.limitations = vec![Limitation::NotInThisVersion {
            version: attack.clone(),
            settings: attack,
        }];
        self.patch = Some("@@ -1 +1 @@\n-a: 1 # ```` \u{1b}[2J\u{202e}\r\n+a: 2\n```\n".to_owned());
        self
    }

    pub(super) fn report(&self) -> AdviceReport<'_> {
        AdviceReport {
            scenario: &self.scenario,
            advice: &self.advice,
            patch: self.patch.as_deref(),
            along: &self.along,
            left_out: &[],
            written_as: WrittenAs::HorizontalPodAutoscaler,
            followed_version: "Kubernetes 1.36 HPA controller (autoscaling/v2)",
        }
    }
}

fn lattice(scenario: &Scenario) -> Lattice {
    let axis = |knob, values, present| Axis {
        knob,
        values,
        present,
        may_stay: true,
    };
    let replicas = |counts: &[i32]| counts.iter().copied().map(Value::Replicas).collect();
    let target = |percent| Value::Target(MetricTarget::Utilization(percent));
    let window = |seconds| Value::Window(Some(SimDuration::from_seconds(seconds)));
    let policy = |kind, value| ScalingPolicy {
        kind,
        value,
        policy_period: SimDuration::from_seconds(15),
    };
    let quick = PolicySet {
        select: SelectPolicy::Max,
        policies: vec![
            policy(PolicyKind::Pods, 4),
            policy(PolicyKind::Percent, 200),
        ],
    };
    Lattice {
        base: scenario.hpa.clone(),
        axes: vec![
            axis(Knob::MinReplicas, replicas(&[1, 2, 3, 4]), 0),
            axis(
                Knob::Target(0),
                vec![target(50), target(60), target(70), target(80)],
                2,
            ),
            axis(
                Knob::ScaleUpPolicies,
                vec![Value::Policies(None), Value::Policies(Some(quick))],
                0,
            ),
            axis(
                Knob::ScaleDownWindow,
                vec![Value::Window(None), window(60), window(900)],
                0,
            ),
        ],
    }
}

/// The figures of so much budget spent for so many replica-hours a day.
fn figures(budget: f64, hours: f64) -> Figures {
    Figures {
        budget_spent: around(budget, 0.08 * budget),
        must_hold: budget,
        bad_percent: around(budget, 0.08 * budget),
        violation_minutes: around((12.0 * budget).round(), (3.0 * budget).round()),
        replica_hours: around(hours, 0.6),
        cost: around(hours * 0.02, 0.012),
        reversals: around(24.0, 4.0),
        peak_ready: around(9.0, 0.0),
    }
}

fn standing(held_runs: u32, budget: f64, hours: f64) -> Standing {
    Standing {
        held_runs,
        runs: 20,
        holds: held_runs >= 19,
        proven: true,
        figures: figures(budget, hours),
    }
}

fn judged(lattice: &Lattice, positions: &[u16], tuned: Standing, held_out: Standing) -> Judged {
    let candidate = Candidate(positions.to_vec());
    Judged {
        hpa: lattice.spec(&candidate),
        candidate,
        tuned,
        held_out: Some(held_out),
    }
}

fn change(
    lattice: &Lattice,
    axis: usize,
    to: usize,
    alone: (f64, f64),
    without: (f64, f64),
) -> ChangeAdvice {
    let Axis {
        knob,
        values,
        present,
        ..
    } = &lattice.axes[axis];
    ChangeAdvice {
        knob: *knob,
        from: values[*present].clone(),
        to: values[to].clone(),
        alone: Some(figures(alone.0, alone.1)),
        without: Some(figures(without.0, without.1)),
    }
}

fn front(points: &[(&[u16], f64, f64)]) -> Vec<FrontPoint> {
    let point = |(positions, replica_hours, budget_spent): &(&[u16], f64, f64)| FrontPoint {
        candidate: Candidate(positions.to_vec()),
        replica_hours: *replica_hours,
        budget_spent: *budget_spent,
        confirmed: *budget_spent < 2.0,
    };
    points.iter().map(point).collect()
}

fn nines(costs: [Option<f64>; 4]) -> Vec<NineCost> {
    let objectives = [0.9, 0.99, 0.999, 0.9999].into_iter().zip(costs);
    objectives
        .map(|(objective, replica_hours)| NineCost {
            objective,
            replica_hours,
            cost: replica_hours.map(|hours| hours * 0.02),
            possible: objective < 0.9999,
        })
        .collect()
}

fn container(lattice: &Lattice) -> Advised {
    Advised {
        backends: vec!["container".to_owned()],
        conclusion: Conclusion::Change,
        now: judged(
            lattice,
            &[0, 2, 0, 0],
            standing(0, 1.33, 93.6),
            standing(2, 1.21, 131.0),
        ),
        best: judged(
            lattice,
            &[2, 1, 0, 1],
            standing(20, 0.52, 88.1),
            standing(20, 0.61, 118.0),
        ),
        changes: vec![
            change(lattice, 0, 2, (0.9, 101.5), (1.1, 85.2)),
            change(lattice, 1, 1, (0.98, 104.0), (0.93, 82.0)),
            change(lattice, 3, 1, (1.41, 78.3), (0.5, 109.4)),
        ],
        front: front(&[
            (&[0, 3, 0, 1], 71.0, 9.4),
            (&[0, 2, 0, 1], 78.3, 4.1),
            (&[1, 2, 0, 1], 80.4, 1.8),
            (&[2, 2, 0, 1], 82.0, 0.93),
            (&[2, 1, 0, 1], 88.1, 0.61),
            (&[2, 1, 1, 1], 90.5, 0.4),
            (&[2, 0, 1, 1], 99.0, 0.2),
            (&[3, 0, 1, 1], 108.0, 0.03),
            (&[3, 0, 1, 0], 121.0, 0.012),
            (&[3, 0, 1, 2], 133.0, 0.0),
        ]),
        nines: nines([Some(71.0), Some(88.1), Some(108.0), None]),
        theory_gaps: vec![TheoryGap {
            knob: Knob::Target(0),
            searched: lattice.axes[1].values[1].clone(),
            theory: lattice.axes[1].values[2].clone(),
            replicas: 1.4,
            because: "the closed form takes the worst ramp as if it went on for ever".to_owned(),
        }],
        searched: Searched {
            candidates: 96,
            tried: 96,
            given_up: 71,
            confirmed: 8,
            ended: Ended::Exhausted,
        },
        tuned_on: TunedOn::FirstPart,
    }
}

fn vm(lattice: &Lattice) -> Advised {
    Advised {
        backends: vec!["vm".to_owned()],
        conclusion: Conclusion::NothingMeets(NearestMiss {
            binding: Binding::Loop(Bound::Startup),
            share: 0.83,
            container_would: Some(true),
            only_held_out: false,
        }),
        now: judged(
            lattice,
            &[0, 2, 0, 0],
            standing(0, 8.32, 94.0),
            standing(0, 8.9, 132.0),
        ),
        best: judged(
            lattice,
            &[3, 0, 1, 2],
            standing(3, 1.18, 140.0),
            standing(3, 1.3, 171.0),
        ),
        changes: vec![
            change(lattice, 0, 3, (4.1, 112.0), (2.9, 124.0)),
            change(lattice, 1, 0, (5.0, 118.0), (1.9, 122.0)),
            change(lattice, 2, 1, (8.1, 96.0), (1.4, 139.0)),
            change(lattice, 3, 2, (7.9, 104.0), (1.2, 131.0)),
        ],
        front: front(&[
            (&[0, 2, 0, 1], 79.0, 14.0),
            (&[2, 1, 0, 1], 101.0, 4.4),
            (&[3, 0, 1, 2], 140.0, 1.25),
        ]),
        nines: nines([Some(140.0), None, None, None]),
        theory_gaps: Vec::new(),
        searched: Searched {
            candidates: 96,
            tried: 60,
            given_up: 41,
            confirmed: 4,
            ended: Ended::TimeSpent,
        },
        tuned_on: TunedOn::FirstPart,
    }
}
