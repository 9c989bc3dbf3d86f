//! Every row of the ground truth that has a formula, within the tolerance that the row states.

use scaleplan::queueing::{
    Ggc, ImpatientQueue, Mdc, Mmc, Places, RampLoad, RoundRobin, ServiceModel, ServiceSpec,
    SinusoidalLoad, StepOverload, Stretch, TransientQueue, erlang_b, erlang_c, finite_room,
    halfin_whitt_margin, least_servers, pollaczek_khinchine_wait, power_of_choices_latency,
    processor_sharing_latency, square_root_staffing,
};
use serde_json::Value;

/// What a row gives.
struct Row<'a>(&'a Value);

impl Row<'_> {
    fn id(&self) -> &str {
        self.0["id"].as_str().expect("a row has an id")
    }

    fn input(&self, key: &str) -> f64 {
        let value = &self.0["input"][key];
        value
            .as_f64()
            .unwrap_or_else(|| panic!("{} has no number `{key}`", self.id()))
    }

    fn count(&self, key: &str) -> u32 {
        let count = self.0["input"][key].as_u64().expect("a count");
        u32::try_from(count).expect("a small count")
    }

    /// Holds each expected figure, and those nested one deeper as `outer inner`, against `figure(name)`.
    #[track_caller]
    fn check(&self, tolerance: f64, figure: impl Fn(&str) -> f64) {
        let expected = self.0["expected"].as_object().expect("a row has figures");
        for (name, value) in expected {
            match value {
                Value::Object(inner) => {
                    for (point, value) in inner {
                        self.hold(&format!("{name} {point}"), value, tolerance, &figure);
                    }
                }
                value => self.hold(name, value, tolerance, &figure),
            }
        }
    }

    #[track_caller]
    fn hold(&self, name: &str, expected: &Value, tolerance: f64, figure: &impl Fn(&str) -> f64) {
        let expected = expected.as_f64().expect("figures are numbers");
        let found = figure(name);
        assert!(
            (found - expected).abs() <= tolerance * expected.abs().max(1e-3),
            "{} {name}: {found}, expected {expected}",
            self.id()
        );
    }
}

fn unknown(name: &str) -> ! {
    panic!("no formula for `{name}`")
}

fn rows(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("ground truth is a list of rows")
}

fn mmc(queue: &Mmc, name: &str) -> f64 {
    match name {
        "rho" => queue.occupancy(),
        "ErlangB" => erlang_b(queue.servers(), queue.offered_load()),
        "ErlangC" => erlang_c(queue.servers(), queue.offered_load()),
        "Wq" => queue.mean_wait(),
        "W" | "mean" => queue.mean_latency(),
        "Lq" => queue.mean_waiting(),
        "L" => queue.mean_in_system(),
        "p50" => queue.latency_quantile(0.5),
        "p95" => queue.latency_quantile(0.95),
        "p99" => queue.latency_quantile(0.99),
        "Wq_p95" => queue.wait_quantile(0.95),
        "Wq_p99" => queue.wait_quantile(0.99),
        _ => unknown(name),
    }
}

fn round_robin(queue: &RoundRobin, name: &str) -> f64 {
    match name {
        "sigma" => queue.wait_probability(),
        "W" | "mean" => queue.mean_latency(),
        "Wq" => queue.mean_wait(),
        "p50" => queue.latency_quantile(0.5),
        "p95" => queue.latency_quantile(0.95),
        "p99" => queue.latency_quantile(0.99),
        _ => unknown(name),
    }
}

fn service_model(servers: u32, mean: f64, scv: f64) -> ServiceModel {
    let spec = ServiceSpec {
        servers,
        mean,
        scv,
        path_latency: 0.0,
    };
    ServiceModel::new(spec).expect("figures within the tested range")
}

/// The M/M/1 queue of one of `servers` servers among which arrivals are split at random.
fn random_split(arrival_rate: f64, service_rate: f64, servers: u32) -> Mmc {
    Mmc::new(arrival_rate / f64::from(servers), service_rate, 1).expect("a stable queue")
}

fn single_server(row: &Row, name: &str) -> f64 {
    let (arrival_rate, mean) = (row.input("lam"), row.input("ES"));
    let wait = pollaczek_khinchine_wait(arrival_rate, mean, row.input("cs2"));
    match name {
        "rho" => arrival_rate * mean,
        "Wq" => wait,
        "W" => wait + mean,
        "Lq" => arrival_rate * wait,
        _ => unknown(name),
    }
}

fn fixed_service_waits(row: &Row, name: &str) -> f64 {
    let queue = Mdc::new(row.input("lam"), row.input("D"), 1).expect("a stable queue");
    let quantile = |q| queue.wait_quantile(q).expect("one server");
    match name {
        "P_wait0" => 1.0 - queue.wait_probability(),
        "Wq_p50" => quantile(0.5),
        "Wq_p95" => quantile(0.95),
        "Wq_p99" => quantile(0.99),
        _ => unknown(name),
    }
}

fn fixed_service(row: &Row, name: &str) -> f64 {
    let (arrival_rate, time) = (row.input("lam"), row.input("D"));
    let queue = Mdc::new(arrival_rate, time, row.count("c")).expect("a stable queue");
    match name {
        "rho" => queue.occupancy(),
        "Wq" => queue.mean_wait(),
        "W" => queue.mean_wait() + time,
        "Lq" => arrival_rate * queue.mean_wait(),
        "P_wait" => queue.wait_probability(),
        "Wq_half_rule_ErlangC/2" => queue.half_rule_wait(),
        "Wq_cosmetatos" => queue.cosmetatos_wait(),
        _ => unknown(name),
    }
}

fn general(row: &Row, service_mean: f64, arrival_rate: f64) -> Ggc {
    Ggc {
        arrival_rate,
        service_mean,
        servers: row.count("c"),
        arrival_scv: row.input("ca2"),
        service_scv: row.input("cs2"),
    }
}

fn allen_cunneen(row: &Row, name: &str) -> f64 {
    let mean = row.input("mu").recip();
    let queue = general(row, mean, row.input("lam"));
    match name {
        "Wq" => queue.allen_cunneen_wait(),
        "W" => queue.allen_cunneen_wait() + mean,
        "ErlangC" => erlang_c(queue.servers, queue.arrival_rate * mean),
        _ => unknown(name),
    }
}

fn sakasegawa(row: &Row, name: &str) -> f64 {
    let mean = row.input("ES");
    let queue = general(row, mean, row.input("rho") * row.input("c") / mean);
    match name {
        "Wq" => queue.sakasegawa_wait(),
        "ErlangC_Wq" => queue.allen_cunneen_wait(),
        _ => unknown(name),
    }
}

fn staffing(row: &Row, name: &str) -> f64 {
    let (arrival_rate, service_rate) = (row.input("lam"), row.input("mu"));
    let offered_load = arrival_rate / service_rate;
    let least = |holds: &dyn Fn(&Mmc) -> bool| {
        let servers = (1..10_000).find(|servers| {
            Mmc::new(arrival_rate, service_rate, *servers).is_some_and(|queue| holds(&queue))
        });
        f64::from(servers.expect("ten thousand are enough"))
    };
    match name {
        "a" => offered_load,
        "c_stab" => least(&|_| true),
        "c_Pwait_le_20pct" => {
            f64::from(least_servers(offered_load, 0.2, 10_000).expect("ten thousand are enough"))
        }
        "c_Wq_p99_le_50ms" => least(&|queue| queue.wait_quantile(0.99) <= 0.05),
        "c_T_p99_le_500ms" => least(&|queue| queue.latency_quantile(0.99) <= 0.5),
        "c_T_p95_le_310ms" => least(&|queue| queue.latency_quantile(0.95) <= 0.31),
        "hpa70_c" => least(&|queue| queue.occupancy() <= 0.7),
        "halfin_whitt_beta_20pct" => halfin_whitt_margin(0.2),
        "sqrt_staff_c" => square_root_staffing(offered_load, 0.2),
        _ => unknown(name),
    }
}

fn refusing(row: &Row, name: &str) -> f64 {
    let places = Places {
        servers: row.count("c"),
        room: row.count("K"),
    };
    let figures = finite_room(row.input("lam"), row.input("mu"), places).expect("room enough");
    match name {
        "P_block" => figures.blocked,
        "L" => figures.mean_in_system,
        "W" => figures.mean_latency,
        "Wq" => figures.mean_wait,
        "throughput" => figures.throughput,
        "util" => figures.occupancy,
        _ => unknown(name),
    }
}

fn losing(row: &Row, name: &str) -> f64 {
    let offered_load = row.input("lam") / row.input("mu");
    let blocked = erlang_b(row.count("c"), offered_load);
    match name {
        "B" => blocked,
        "carried" => offered_load * (1.0 - blocked),
        _ => unknown(name),
    }
}

fn impatient(row: &Row, name: &str) -> f64 {
    let queue = ImpatientQueue {
        arrival_rate: row.input("lam"),
        service_rate: row.input("mu"),
        servers: row.count("c"),
        abandonment_rate: row.input("theta"),
    };
    let figures = queue.steady_state().expect("positive figures");
    match name {
        "P_wait" => figures.wait_probability,
        "Lq" => figures.mean_waiting,
        "P_abandon" => figures.abandoned,
        "Wq_mean" => figures.mean_wait,
        _ => unknown(name),
    }
}

fn check_steady_state(row: &Row) {
    // Ten digits are given, so no row can be held closer than this.
    let digits = 1e-9;
    match row.id() {
        "Q01" | "Q02" | "Q03" | "Q04" | "Q05" | "Q06" | "Q07" => {
            let queue = Mmc::new(row.input("lam"), row.input("mu"), row.count("c"))
                .expect("a stable queue");
            row.check(digits, |name| mmc(&queue, name));
            let replica = service_model(row.count("c"), row.input("mu").recip(), 1.0);
            for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
                let expected = &row.0["expected"][name];
                row.hold(name, expected, digits, &|_| {
                    replica.quantile(queue.arrival_rate(), q)
                });
            }
        }
        "Q08" | "Q11" => {
            let queue = random_split(row.input("lam"), row.input("mu"), row.count("c"));
            row.check(digits, |name| mmc(&queue, name));
        }
        "Q09" | "Q10" => {
            let queue = RoundRobin::new(row.input("lam"), row.input("mu"), row.count("c"))
                .expect("a stable queue");
            row.check(1e-8, |name| round_robin(&queue, name));
        }
        "Q12a" | "Q12b" | "Q12c" | "Q12d" => row.check(digits, |name| {
            let choices = if name == "random_W" {
                1
            } else {
                row.count("d")
            };
            power_of_choices_latency(row.input("rho"), choices, row.input("mu").recip())
        }),
        "Q13" | "Q14" | "Q15" => row.check(digits, |name| single_server(row, name)),
        "Q16" => row.check(1e-8, |name| fixed_service_waits(row, name)),
        "Q17a" | "Q17b" | "Q17c" => row.check(1e-6, |name| fixed_service(row, name)),
        "Q18" | "Q19" => row.check(digits, |name| allen_cunneen(row, name)),
        "Q20" => row.check(digits, |name| sakasegawa(row, name)),
        "Q21" => row.check(digits, |name| staffing(row, name)),
        "Q22" => row.check(digits, |name| refusing(row, name)),
        "Q23" => row.check(digits, |name| losing(row, name)),
        "Q24" => row.check(digits, |_| {
            processor_sharing_latency(row.input("lam"), row.input("ES"))
        }),
        "Q25" => row.check(digits, |name| impatient(row, name)),
        id => panic!("{id} is not checked"),
    }
}

fn overload(row: &Row, name: &str) -> f64 {
    let overload = StepOverload {
        arrival_rate: row.input("lam1"),
        capacity_before: row.input("C0"),
        capacity_after: row.input("C1"),
        capacity_delay: row.input("T"),
    };
    match name {
        "backlog_peak" => overload.backlog_peak(),
        "drain_s" => overload.drain_seconds(),
        "total_overload_s" => overload.overload_seconds(),
        "max_delay_s" => overload.greatest_wait(),
        "t_at_max" => overload.greatest_wait_at(),
        "backlog_area_req_s" => overload.total_wait(),
        "delayed_requests" => overload.delayed_requests(),
        _ => match name.strip_prefix("late_gt ") {
            Some(x) => overload.waiting_longer_than(x.parse().expect("seconds")),
            None => unknown(name),
        },
    }
}

fn swing(row: &Row, name: &str) -> f64 {
    let load = SinusoidalLoad {
        mean_rate: row.input("lam0"),
        amplitude: row.input("A"),
        period: row.input("period"),
        service_rate: row.input("mu"),
    };
    match name {
        "m_mean" => load.mean_busy(),
        "m_amp" => load.busy_amplitude(),
        "lag_s" => load.lag_seconds(),
        "psa_peak" => load.stationary_peak_busy(),
        "mol_peak" => load.peak_busy(),
        _ => unknown(name),
    }
}

fn ramp(row: &Row, name: &str) -> f64 {
    // The row writes its load as the text `10+0.5t`.
    let load = RampLoad {
        initial_rate: 10.0,
        slope: 0.5,
        service_rate: row.input("mu"),
    };
    match name.strip_prefix("m_") {
        Some(t) => load.busy(t.parse().expect("seconds")),
        None => load.lag_seconds(),
    }
}

/// The trailing number of a name such as `EN_50`, in seconds.
fn moment(name: &str) -> f64 {
    let (_, moment) = name.rsplit_once('_').expect("a name with a moment");
    moment.parse().expect("seconds")
}

fn from_empty(row: &Row, name: &str) -> f64 {
    let mut queue = TransientQueue::empty(row.input("mu"));
    queue.advance(Stretch {
        arrival_rate: row.input("lam"),
        servers: row.count("c"),
        seconds: moment(name),
    });
    queue.mean_in_system()
}

fn stepped(row: &Row, name: &str) -> f64 {
    let stretch = |servers, seconds| Stretch {
        arrival_rate: row.input("lam1"),
        servers,
        seconds,
    };
    let (before, after, change) = (row.count("c0"), row.count("c1"), row.input("T"));
    if name == "fluid_B_60" {
        let capacity = |servers| f64::from(servers) * row.input("mu");
        let fluid = StepOverload {
            arrival_rate: row.input("lam1"),
            capacity_before: capacity(before),
            capacity_after: capacity(after),
            capacity_delay: change,
        };
        return fluid.backlog_peak();
    }
    let start = Mmc::new(row.input("lam0"), row.input("mu"), before).expect("a stable queue");
    let mut queue = TransientQueue::steady(&start).expect("few states");
    let moment = moment(name);
    queue.advance(stretch(before, moment.min(change)));
    if moment > change {
        queue.advance(stretch(after, moment - change));
    }
    let servers = if moment > change { after } else { before };
    match name.strip_prefix("P_Wq_gt") {
        Some(rest) => {
            let (x, _) = rest.split_once('_').expect("a wait and a moment");
            queue.wait_survival(servers, x.parse().expect("seconds"))
        }
        None => queue.mean_in_system(),
    }
}

fn check_transient(row: &Row) {
    match row.id() {
        "T1a" | "T1b" | "T1c" | "T1d" => row.check(1e-6, |name| overload(row, name)),
        "T2" => row.check(1e-9, |name| swing(row, name)),
        "T3" => row.check(1e-9, |name| ramp(row, name)),
        "T4" => row.check(1e-5, |name| from_empty(row, name)),
        "T5" => row.check(1e-4, |name| stepped(row, name)),
        id => panic!("{id} is not checked"),
    }
}

#[test]
fn steady_states_match() {
    let rows = rows(include_str!("../ground_truth/queue_ground_truth.json"));
    assert_eq!(rows.len(), 30);
    for row in &rows {
        check_steady_state(&Row(row));
    }
}

#[test]
fn overloads_and_changing_loads_match() {
    let rows = rows(include_str!("../ground_truth/transient_ground_truth.json"));
    assert_eq!(rows.len(), 8);
    for row in &rows {
        check_transient(&Row(row));
    }
}

/// The figures of a simulated row that a formula gives; `None` when it gives none of them.
fn balanced(row: &Value, name: &str) -> Option<f64> {
    let number = |key: &str| row[key].as_f64().expect("a number");
    let (arrival_rate, mean) = (number("lam"), number("ES"));
    let servers = u32::try_from(row["c"].as_u64().expect("a count")).expect("a small count");
    let policy = row["policy"].as_str().expect("a policy");
    let service = row["service"].as_str().expect("a service time");
    match (policy, service) {
        ("random", "exp") => Some(mmc(
            &random_split(arrival_rate, mean.recip(), servers),
            name,
        )),
        ("central", "exp") => {
            Mmc::new(arrival_rate, mean.recip(), servers).map(|queue| mmc(&queue, name))
        }
        ("rr", "exp") => RoundRobin::new(arrival_rate, mean.recip(), servers)
            .map(|queue| round_robin(&queue, name)),
        // Beyond exponential service the formulas give means only.
        ("random", "H2 balanced scv=4") if name == "mean" => {
            let share = arrival_rate / f64::from(servers);
            Some(mean + pollaczek_khinchine_wait(share, mean, 4.0))
        }
        ("central", "det") if name == "mean" => {
            Mdc::new(arrival_rate, mean, servers).map(|queue| mean + queue.mean_wait())
        }
        _ => None,
    }
}

/// Rows with no exact formula, as policy, servers, load and service: `requests/steady.rs` plays all rows one by one, and
/// `balancing_formulas.rs` states how far the fluid's approximations are off.
const LEFT_TO_THE_DISCRETE_ENGINE: &[(&str, u32, u32, &str)] = &[
    ("p2c", 10, 70, "exp"),
    ("jsq", 10, 70, "exp"),
    ("p2c", 10, 90, "exp"),
    ("jsq", 10, 90, "exp"),
    ("central", 10, 70, "H2 balanced scv=4"),
    ("central", 10, 90, "H2 balanced scv=4"),
    ("rr", 10, 70, "H2 balanced scv=4"),
    ("p2c", 10, 70, "H2 balanced scv=4"),
    ("jsq", 10, 70, "H2 balanced scv=4"),
    ("p2c", 100, 70, "exp"),
    ("p2c", 100, 90, "exp"),
    ("jsq", 100, 90, "exp"),
];

#[test]
fn simulated_balancing_matches_where_there_is_a_formula() {
    let truth: Value =
        serde_json::from_str(include_str!("../ground_truth/lb_sim_ground_truth.json"))
            .expect("ground truth is JSON");
    let rows = truth["rows"].as_array().expect("a list of rows");
    assert_eq!(rows.len(), 21);
    let mut left = Vec::new();
    for row in rows {
        let figures = ["mean", "p95", "p99"].map(|name| (name, balanced(row, name)));
        for (name, found) in figures {
            let Some(found) = found else { continue };
            let simulated = row[name].as_f64().expect("a figure");
            let interval = row[format!("{name}_ci95")].as_f64().expect("an interval");
            assert!(
                (found - simulated).abs() <= 3.0 * interval + 0.01 * simulated,
                "{row}: {name} is {found}"
            );
        }
        if figures.iter().all(|(_, found)| found.is_none()) {
            left.push(row);
        }
    }
    assert_eq!(left.len(), LEFT_TO_THE_DISCRETE_ENGINE.len());
    for (row, (policy, servers, load, service)) in left.iter().zip(LEFT_TO_THE_DISCRETE_ENGINE) {
        assert_eq!(
            (&row["policy"], &row["service"]),
            (&Value::from(*policy), &Value::from(*service))
        );
        assert_eq!(row["c"], Value::from(*servers));
        assert_eq!(row["lam"].as_f64(), Some(f64::from(*load)));
    }
}

/// The approximation that the engine lives on, against what it approximates.
#[test]
fn a_replica_with_fixed_service_is_within_five_percent_of_its_simulation() {
    let truth: Value =
        serde_json::from_str(include_str!("../ground_truth/lb_sim_ground_truth.json"))
            .expect("ground truth is JSON");
    let rows = truth["rows"].as_array().expect("a list of rows");
    let fixed = rows
        .iter()
        .filter(|row| row["policy"] == "central" && row["service"] == "det");
    for row in fixed {
        let number = |key: &str| row[key].as_f64().expect("a number");
        let replica = service_model(10, number("ES"), 0.0);
        for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let found = replica.quantile(number("lam"), q);
            assert!(
                (found / number(name) - 1.0).abs() < 0.05,
                "{row}: {name} is {found}"
            );
        }
    }
}

/// Two choices and the shortest line have no formula for few servers; the limits of many are still near.
#[test]
fn two_choices_among_a_hundred_are_near_their_limit() {
    let near = |load: f64, simulated: f64| {
        (power_of_choices_latency(load, 2, 1.0) / simulated - 1.0).abs() < 0.03
    };
    assert!(near(0.7, 1.619_106) && near(0.9, 2.645_613));
}
