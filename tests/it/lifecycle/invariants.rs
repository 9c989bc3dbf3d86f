use proptest::prelude::*;
use scaleplan::plant::{
    EndpointSpec, HealthSpec, NodePool, PlantSpec, PrepareLimit, PrepareScope, Routing, Workload,
};
use scaleplan::stats::Distribution;

use super::{Fates, at, near, run, seconds, server, spec, workload};

/// Something that happens to a workload.
#[derive(Clone, Copy, Debug)]
enum Event {
    Scale(u32),
    Replicas(u32),
    Nodes(u32, Option<i64>),
    Zones(u32, Option<i64>),
    Roll(u32, u32),
    Slow(f64, i64),
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let lasts = || prop::option::of(1..500_i64);
    let event = prop_oneof![
        4 => (0..40_u32).prop_map(Event::Scale),
        1 => (0..20_u32).prop_map(Event::Replicas),
        1 => (0..5_u32, lasts()).prop_map(|(nodes, lasts)| Event::Nodes(nodes, lasts)),
        1 => (0..3_u32, lasts()).prop_map(|(zones, lasts)| Event::Zones(zones, lasts)),
        1 => (0..5_u32, 0..5_u32).prop_map(|(surge, missing)| Event::Roll(surge, missing)),
        1 => (0.0..5.0, 0..100_i64).prop_map(|(factor, lasts)| Event::Slow(factor, lasts)),
    ];
    prop::collection::vec((0..60_i64, event), 1..25)
}

fn specs() -> impl Strategy<Value = PlantSpec> {
    let uniform = || {
        (0.0..20.0, 0.0..20.0).prop_map(|(low, more)| Distribution::Uniform {
            low,
            high: low + more,
        })
    };
    let endpoints =
        (uniform(), uniform(), 0..40_i64).prop_map(|(add_delay, remove_delay, stop)| {
            EndpointSpec {
                add_delay,
                remove_delay,
                pre_stop: seconds(stop),
            }
        });
    let health =
        (0..60_i64, 0..60_i64, 0..300_i64).prop_map(|(replica, node, evicted)| HealthSpec {
            replica_lost_after: seconds(replica),
            node_lost_after: seconds(node),
            evicted_after: seconds(evicted),
        });
    let nodes = prop::option::of(
        (1..6_u32, 0..10_u32, 1..4_u32, 1..8_u32, uniform()).prop_map(
            |(nodes, most, zones, replicas_per_node, provisioning)| NodePool {
                nodes,
                most,
                zones,
                replicas_per_node,
                provisioning,
            },
        ),
    );
    let limit =
        prop::option::of(
            (0..4_u32, prop::bool::ANY).prop_map(|(at_once, node)| PrepareLimit {
                at_once,
                scope: if node {
                    PrepareScope::Node
                } else {
                    PrepareScope::Storage
                },
            }),
        );
    (endpoints, health, nodes, limit, 0..4_u32, uniform()).prop_map(
        |(endpoints, health, nodes, prepare_at_once, warm_pool, prepare)| {
            let mut spec = spec();
            (spec.endpoints, spec.health, spec.nodes) = (endpoints, health, nodes);
            (spec.startup.prepare_at_once, spec.startup.warm_pool) = (prepare_at_once, warm_pool);
            spec.startup.prepare = prepare;
            spec
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens: what arrives is taken in, refused, or times out; counts agree with the pods; nothing stands
    /// still.
    #[test]
    fn requests_and_pods_are_accounted_for(
        spec in specs(), events in events(), replicas in 0..20_u32, rate in 0.0..1500.0_f64
    ) {
        let server = server(&spec);
        let mut workload = workload(&spec, &server, replicas, rate);
        let mut now = at(0);
        let mut sums = Fates::default();
        let mut desired = replicas;
        for (wait, event) in events {
            let to = now + seconds(wait);
            let mut version = workload.rotation_version();
            let mut routed = routings(&workload);
            let fates = run(&mut workload, &mut now, to, rate, |_, workload| {
                let changed = routings(workload) != routed;
                assert!(!changed || workload.rotation_version() != version);
                (version, routed) = (workload.rotation_version(), routings(workload));
                let count = |routing: &[Routing]| {
                    workload
                        .cohorts()
                        .iter()
                        .filter(|cohort| routing.contains(&cohort.routing()))
                        .map(scaleplan::plant::Cohort::count)
                        .sum::<u32>()
                };
                assert_eq!(workload.serving(), count(&[Routing::Takes]));
                let known = [Routing::Takes, Routing::Refuses, Routing::Dead];
                assert_eq!(workload.in_rotation(), count(&known));
                assert!(workload.without_room() <= workload.active());
            });
            sums.arrived += fates.arrived;
            sums.refused += fates.refused;
            sums.timed_out += fates.timed_out;
            if let Event::Scale(count) = event {
                desired = count;
            }
            befall(&mut workload, event);
        }
        let taken = workload.latencies().requests();
        prop_assert!(near(sums.arrived, taken + sums.refused + sums.timed_out), "{sums:?} {taken}");
        let to = now + seconds(20_000);
        run(&mut workload, &mut now, to, 0.0, |_, _| {});
        // Where nodes are full or gone, a rolling update may never find room for its surge.
        if spec.nodes.is_none() {
            prop_assert_eq!((workload.active(), workload.serving()), (desired, desired));
        } else {
            prop_assert!((desired..=desired + 4).contains(&workload.active()));
        }
        prop_assert_eq!(workload.in_rotation(), workload.serving());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The same one by one, with retries: every request is answered, refused, given up, failed, or still under way.
    #[test]
    fn one_by_one_every_request_has_one_fate(
        spec in specs(), events in events(), replicas in 0..8_u32, rate in 0.0..300.0_f64, attempts in 1..4_u32
    ) {
        let mut spec = spec;
        spec.serving.retry.attempts = attempts;
        let server = server(&spec);
        let mut workload = workload(&spec, &server, replicas, rate).one_by_one();
        let mut now = at(0);
        let (mut open, mut arrived, mut lost) = (0.0, 0.0, 0.0);
        for (wait, event) in events {
            let to = now + seconds(wait);
            let fates = run(&mut workload, &mut now, to, rate, |_, _| {});
            arrived += fates.arrived;
            open += fates.arrived - fates.ended;
            lost += fates.refused + fates.timed_out + fates.failed;
            prop_assert!((open - workload.unanswered() as f64).abs() < 0.5, "{open} {fates:?}");
            befall(&mut workload, event);
        }
        let to = now + seconds(20_000);
        let fates = run(&mut workload, &mut now, to, 0.0, |_, _| {});
        open -= fates.ended;
        lost += fates.refused + fates.timed_out + fates.failed;
        prop_assert!(open.abs() < 0.5 && workload.unanswered() == 0, "{open}");
        let answered = workload.latencies().requests();
        prop_assert!((answered + lost - arrived).abs() < 0.5, "{answered} {lost} {arrived}");
        prop_assert_eq!(workload.in_rotation(), workload.serving());
    }
}

fn befall(workload: &mut Workload<'_>, event: Event) {
    match event {
        Event::Scale(count) => workload.scale_to(count),
        Event::Replicas(count) => workload.fail_replicas(count),
        Event::Nodes(count, lasts) => workload.fail_nodes(count, lasts.map(seconds)),
        Event::Zones(count, lasts) => workload.fail_zones(count, lasts.map(seconds)),
        Event::Roll(surge, missing) => workload.roll(surge, missing),
        Event::Slow(factor, lasts) => workload.slow_prepare(factor, seconds(lasts)),
    }
}

/// Which pods are sent requests, and what these meet.
fn routings(workload: &Workload<'_>) -> Vec<(u64, Routing)> {
    let mut known: Vec<(u64, Routing)> = workload
        .cohorts()
        .iter()
        .map(|cohort| (cohort.ordinal(), cohort.routing()))
        .filter(|(_, routing)| *routing != Routing::Out)
        .collect();
    known.sort_unstable_by_key(|(ordinal, _)| *ordinal);
    known
}
