//! The backends: the built-in container and virtual machine, and those of the scenario file.

use super::choose::Chooser;
use super::health::Watch;
use super::path;
use super::range::{counted, out_of_range};
use super::replica::Replica;
use super::{
    Backend, BackendKind, BackendSettings, Origin, Resemblance, ScenarioError, Settings, show,
};
use crate::plant::{PlantSpec, PrepareLimit, PrepareScope, StartupSpec};
use crate::stats::Distribution;
use crate::traffic::{Balancing, PathSpec};

/// The most backends that are played side by side.
const MOST_BACKENDS: usize = 16;

/// What a backend is made of besides the replica.
pub(super) struct Surroundings {
    pub(super) balancing: Balancing,
    /// To a container, and to a virtual machine.
    pub(super) paths: [PathSpec; 2],
}

/// The backends, the built-in ones first.
pub(super) fn backends(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    surroundings: Surroundings,
    own: impl Iterator<Item = (String, BackendSettings)>,
) -> Result<Vec<Backend>, ScenarioError> {
    let Surroundings {
        balancing,
        paths: [container_path, vm_path],
    } = surroundings;
    let warm_pool = choose.choose("warm-pool", |s| &s.warm_pool, None, 0, u32::to_string);
    counted("warm-pool", warm_pool, 0..=100_000, "at most 100,000")?;
    let backend = |kind, name: &str, startup, watch: &Watch, path| Backend {
        name: name.to_owned(),
        kind,
        plant: PlantSpec {
            pod: replica.pod.clone(),
            startup,
            serving: replica.serving.clone(),
            path,
            balancing: balancing.clone(),
            endpoints: replica.health.endpoints.clone(),
            health: watch.health,
            nodes: None,
        },
    };
    let container = &replica.health.container;
    let vm = &replica.health.vm;
    let mut backends = vec![
        backend(
            BackendKind::Container,
            "container",
            container_startup(choose, replica, warm_pool)?,
            container,
            container_path,
        ),
        backend(
            BackendKind::Vm,
            "vm",
            vm_startup(choose, replica, warm_pool)?,
            vm,
            vm_path,
        ),
    ];
    for (name, settings) in own {
        if name.is_empty() || backends[..2].iter().any(|backend| backend.name == name) {
            return Err(ScenarioError::BackendName(name));
        }
        if backends.len() == MOST_BACKENDS {
            let told = format!("{MOST_BACKENDS} or more");
            return Err(out_of_range(
                "the number of backends",
                &told,
                "at most 14 besides the built-in two",
            ));
        }
        let like = match settings.like {
            Resemblance::Container => &backends[0],
            Resemblance::Vm => &backends[1],
        };
        let backend = resembling(&name, like, settings)?;
        choose.note(
            &format!("backends.{name}"),
            described(&backend),
            Origin::ScenarioFile,
        );
        backends.push(backend);
    }
    Ok(backends)
}

fn container_startup(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    warm_pool: u32,
) -> Result<StartupSpec, ScenarioError> {
    Ok(StartupSpec {
        prepare: phase(
            choose,
            "container-prepare",
            |settings| &settings.container_prepare,
            0.0..5.0,
        ),
        start: phase(
            choose,
            "container-start",
            |settings| &settings.container_start,
            1.0..2.0,
        ),
        ready: phase(
            choose,
            "container-ready",
            |settings| &settings.container_ready,
            5.0..30.0,
        ),
        startup_probe: replica.health.startup_probe.filter(|_| !replica.is_vm),
        probe: replica.health.container.probe,
        prepare_at_once: at_once(
            choose,
            "container-prepare-at-once",
            |settings| &settings.container_prepare_at_once,
            PrepareScope::Node,
        )?,
        warm_pool,
    })
}

fn vm_startup(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    warm_pool: u32,
) -> Result<StartupSpec, ScenarioError> {
    Ok(StartupSpec {
        prepare: phase(
            choose,
            "vm-prepare",
            |settings| &settings.vm_prepare,
            30.0..180.0,
        ),
        start: phase(
            choose,
            "vm-start",
            |settings| &settings.vm_start,
            20.0..45.0,
        ),
        ready: phase(choose, "vm-ready", |settings| &settings.vm_ready, 5.0..30.0),
        startup_probe: replica.health.startup_probe,
        probe: replica.health.vm.probe,
        prepare_at_once: at_once(
            choose,
            "vm-prepare-at-once",
            |settings| &settings.vm_prepare_at_once,
            PrepareScope::Storage,
        )?,
        warm_pool,
    })
}

/// The times of one startup phase; the default is uniform over a range of seconds.
fn phase(
    choose: &mut Chooser<'_>,
    key: &str,
    of: fn(&Settings) -> &Option<Distribution>,
    default: std::ops::Range<f64>,
) -> Distribution {
    let default = Distribution::Uniform {
        low: default.start,
        high: default.end,
    };
    choose.choose(key, of, None, default, show::times)
}

/// How many replicas are prepared at the same time; all where nobody says.
fn at_once(
    choose: &mut Chooser<'_>,
    key: &'static str,
    of: fn(&Settings) -> &Option<u32>,
    scope: PrepareScope,
) -> Result<Option<PrepareLimit>, ScenarioError> {
    let Some(said) = choose.said(of) else {
        return Ok(None);
    };
    counted(key, said.value, 1..=u32::MAX, "at least 1")?;
    choose.note(key, said.value.to_string(), said.origin);
    Ok(Some(PrepareLimit {
        at_once: said.value,
        scope,
    }))
}

fn resembling(
    name: &str,
    like: &Backend,
    settings: BackendSettings,
) -> Result<Backend, ScenarioError> {
    let mut backend = like.clone();
    name.clone_into(&mut backend.name);
    let plant = &mut backend.plant;
    let startup = &mut plant.startup;
    if let Some(prepare) = settings.prepare {
        startup.prepare = prepare;
    }
    if let Some(start) = settings.start {
        startup.start = start;
    }
    if let Some(ready) = settings.ready {
        startup.ready = ready;
    }
    if let Some(at_once) = settings.prepare_at_once {
        counted("prepare-at-once", at_once, 1..=u32::MAX, "at least 1")?;
        let scope = match backend.kind {
            BackendKind::Container => PrepareScope::Node,
            BackendKind::Vm => PrepareScope::Storage,
        };
        startup.prepare_at_once = Some(PrepareLimit { at_once, scope });
    }
    if let Some(latency) = settings.path_latency {
        plant.path.latency = latency;
    }
    if let Some(throughput) = settings.throughput {
        plant.path.bits_per_second = throughput.units();
    }
    if let Some(connections) = settings.connections {
        plant.path.connections.most = connections;
    }
    path::check(
        ("path-latency", &plant.path.latency),
        ("throughput", plant.path.bits_per_second),
        ("connections", plant.path.connections.most),
    )?;
    if let Some(span) = settings.node_lost_after {
        plant.health.node_lost_after = span.duration();
    }
    Ok(backend)
}

/// An own backend in one line.
fn described(backend: &Backend) -> String {
    let startup = &backend.plant.startup;
    let path = &backend.plant.path;
    format!(
        "prepare {}, start {}, ready {}, path {}, {}, {} connections",
        show::times(&startup.prepare),
        show::times(&startup.start),
        show::times(&startup.ready),
        show::times(&path.latency),
        show::throughput(path.bits_per_second),
        path.connections.most
    )
}
