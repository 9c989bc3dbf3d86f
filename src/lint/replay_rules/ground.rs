//! `Ground`: what candidates are played on, awake where a minimum ends the sleep of a workload.

use crate::engine::{EngineError, Stage};
use crate::hpa::HpaSpec;
use crate::scenario::{Disturbance, Scenario};

/// A scenario of one backend, and where its workload ever sleeps, the same without sleep.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    scenario: Scenario,
    awake: Option<Scenario>,
}

/// A setting, prepared to be played.
#[derive(Debug)]
pub(super) struct Ground<'s> {
    stage: Stage<'s>,
    awake: Option<Stage<'s>>,
}

/// Settings of the autoscaler to be played.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) hpa: HpaSpec,
    sleep: Sleep,
}

/// Whether a workload that sleeps as it is goes on doing so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sleep {
    AsItIs,
    Never,
}

impl Setting {
    pub(super) fn new(scenario: Scenario) -> Self {
        let awake = scenario.without_sleep();
        Self { scenario, awake }
    }

    fn with(&self, change: impl Fn(&mut Scenario)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.scenario);
        changed.awake.as_mut().into_iter().for_each(change);
        changed
    }

    /// With a disturbance more.
    pub(super) fn with_disturbance(&self, disturbance: &Disturbance) -> Self {
        self.with(|scenario| {
            scenario.disturbances.push(disturbance.clone());
            scenario.disturbances.sort_by_key(|it| it.at);
        })
    }

    /// As it is.
    pub(super) const fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

impl<'s> Ground<'s> {
    /// Prepares a setting.
    ///
    /// # Errors
    /// When the backend's figures make no queueing model.
    pub(super) fn new(setting: &'s Setting) -> Result<Self, EngineError> {
        Ok(Self {
            stage: Stage::new(&setting.scenario)?,
            awake: setting.awake.as_ref().map(Stage::new).transpose()?,
        })
    }

    /// The scenario as it is.
    pub(super) const fn scenario(&self) -> &'s Scenario {
        self.stage.scenario()
    }

    /// The stage on which a candidate is played.
    pub(super) fn stage_for(&self, candidate: &Candidate) -> &Stage<'s> {
        match (candidate.sleep, &self.awake) {
            (Sleep::Never, Some(awake)) => awake,
            _ => &self.stage,
        }
    }

    /// The autoscaler as it is.
    pub(super) fn as_it_is(&self) -> Candidate {
        self.scenario().hpa.clone().into()
    }

    /// The autoscaler with another minimum, which above zero leaves no sleep.
    pub(super) fn with_min(&self, min: i32) -> Candidate {
        Candidate {
            hpa: HpaSpec {
                min_replicas: min,
                ..self.scenario().hpa.clone()
            },
            sleep: if min > 0 { Sleep::Never } else { Sleep::AsItIs },
        }
    }

    /// The least minimum that is more than there is: for a workload that sleeps, its own without sleep.
    pub(super) fn next_min(&self) -> i32 {
        let min = self.scenario().hpa.min_replicas;
        if self.awake.is_some() {
            min.max(1)
        } else {
            min.saturating_add(1)
        }
    }

    /// The most replicas that are worth trying: twice what the peak needs, by the objective and by the target. More is
    /// no remedy, and takes long to play.
    pub(super) fn most_useful(&self) -> i32 {
        let at_target = self.scenario().trace.series().peak() / self.scenario().rate_at_target;
        let by_objective = i32::try_from(self.stage.peak_demand(0)).unwrap_or(i32::MAX);
        by_objective.max(ceil(at_target)).saturating_mul(2).max(1)
    }
}

impl From<HpaSpec> for Candidate {
    fn from(hpa: HpaSpec) -> Self {
        Self {
            hpa,
            sleep: Sleep::AsItIs,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn ceil(value: f64) -> i32 {
    value.ceil() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::replay_rules::testing::{Play, scaled, scenario_of, web};

    #[track_caller]
    fn check(play: &Play, look: impl Fn(&Ground<'_>)) {
        let scenario = scenario_of(play);
        let setting = Setting::new(scenario);
        look(&Ground::new(&setting).expect("it can be played"));
    }

    const LOAD: [(u32, f64); 2] = [(10, 0.0), (10, 200.0)];

    #[test]
    fn what_is_worth_trying_follows_the_peak_and_not_the_maximum() {
        let play = web("  minReplicas: 1\n  maxReplicas: 1000000\n", &LOAD);
        check(&play, |ground| {
            // 200 requests/s at 35 for each replica are 6, and twice that.
            assert_eq!(ground.most_useful(), 12);
            assert_eq!(ground.next_min(), 2);
        });
        let largest = i32::MAX;
        let spec = format!("  minReplicas: {largest}\n  maxReplicas: {largest}\n");
        check(&web(&spec, &LOAD), |ground| {
            assert_eq!(ground.next_min(), largest);
        });
    }

    #[test]
    fn a_minimum_above_zero_ends_the_sleep() {
        check(&scaled("  maxReplicaCount: 9\n", &LOAD), |ground| {
            let asleep = |candidate: &Candidate| {
                let scenario = ground.stage_for(candidate).scenario();
                let idle = scenario.activation.as_ref().and_then(|it| it.idle_replicas);
                (idle, scenario.initial_replicas)
            };
            assert_eq!(ground.next_min(), 1);
            assert_eq!(asleep(&ground.as_it_is()), (Some(0), 0));
            assert_eq!(asleep(&ground.with_min(1)), (None, 1));
        });
        let awake = "  minReplicaCount: 2\n  maxReplicaCount: 9\n";
        check(&scaled(awake, &LOAD), |ground| {
            assert_eq!(ground.next_min(), 3);
        });
    }
}
