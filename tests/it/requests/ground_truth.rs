use scaleplan::stats::{Distribution, Summary};
use scaleplan::traffic::{Discipline, PlayerSpec, RequestPlayer, Strategy};
use serde_json::Value;

use super::steady::Figures;
use super::{exponential, plain, play, player};

/// Where a row states no tolerance for simulations: the histogram's bins, and what a finite warm-up leaves.
const OWN_BIAS: f64 = 0.005;
/// A figure is also allowed so many of its own standard errors.
const ERRORS: f64 = 3.0;

/// Rows that are not played, each with the reason.
const NOT_PLAYED: [(&str, &str); 8] = [
    ("Q12c", "the player chooses between two, not three"),
    (
        "Q12d",
        "at 99 % occupancy a hundred backends are far from infinitely many, as the row says",
    ),
    (
        "Q16",
        "waits alone have no percentiles in a tally, and Q13 has the mean",
    ),
    ("Q18", "an approximation, not a queue"),
    ("Q19", "an approximation, not a queue"),
    ("Q20", "an approximation, not a queue"),
    ("Q21", "a staffing search over formulas"),
    (
        "Q25",
        "clients have one fixed timeout, not exponential patience",
    ),
];

/// Figures that the player does not tell apart; `L`, `Lq` and `carried` follow from the rest.
const NOT_TOLD: [&str; 15] = [
    "rho",
    "ErlangB",
    "ErlangC",
    "L",
    "Lq",
    "Wq_p95",
    "Wq_p99",
    "sigma",
    "random_W",
    "P_wait",
    "Wq_half_rule_ErlangC/2",
    "Wq_cosmetatos",
    "throughput",
    "util",
    "carried",
];

struct Row(Value);

impl Row {
    fn id(&self) -> &str {
        self.0["id"].as_str().expect("a name")
    }

    fn input(&self, key: &str) -> f64 {
        self.0["input"][key]
            .as_f64()
            .unwrap_or_else(|| panic!("{} has no number `{key}`", self.id()))
    }

    fn count(&self, key: &str) -> u32 {
        let value = self.0["input"][key].as_u64().expect("a count");
        u32::try_from(value).expect("few")
    }

    fn expected(&self, key: &str) -> f64 {
        self.0["expected"][key].as_f64().expect("a number")
    }

    /// The share that the row allows a simulation ("DES +-2%").
    fn tolerance(&self) -> Option<f64> {
        let text = self.0["tolerance"].as_str().expect("a text");
        let (_, simulated) = text.split_once("DES")?;
        let percent = simulated.split('%').next()?;
        let digits = percent.rsplit(|c: char| !c.is_ascii_digit()).next()?;
        Some(digits.parse::<f64>().ok()? / 100.0)
    }

    #[track_caller]
    fn check(&self, name: &str, (found, error): (f64, f64)) {
        let expected = self.expected(name);
        let allowed = self.tolerance().unwrap_or(OWN_BIAS) * expected + ERRORS * error;
        assert!(
            (found - expected).abs() <= allowed,
            "{}: {name} is {found} +- {error}, expected {expected}",
            self.id()
        );
    }
}

fn rows(text: &str) -> Vec<Row> {
    let rows: Vec<Value> = serde_json::from_str(text).expect("ground truth is JSON");
    rows.into_iter().map(Row).collect()
}

fn mean_and_error(summary: &Summary) -> (f64, f64) {
    let variance = summary.variance().expect("more than one run");
    let mean = summary.mean().expect("a run");
    (mean, (variance / summary.count() as f64).sqrt())
}

/// Backends of one worker each.
fn split(row: &Row, strategy: Strategy) -> (PlayerSpec, u64, f64) {
    let spec = plain(strategy, 1, exponential(1.0 / row.input("mu")));
    (spec, u64::from(row.count("c")), row.input("lam"))
}

/// One backend with all the workers, and the rate of its requests.
fn central(row: &Row, workers: u32, service: Distribution) -> (PlayerSpec, u64, f64) {
    (
        plain(Strategy::Random, workers, service),
        1,
        row.input("lam"),
    )
}

/// What the row's queue is here: spec, backends, requests/s. More than one where the distribution may be any.
fn queues(row: &Row) -> Vec<(PlayerSpec, u64, f64)> {
    let markov = |bound: Option<u32>| {
        let service = exponential(1.0 / row.input("mu"));
        let (spec, backends, rate) = central(row, row.count("c"), service);
        let spec = PlayerSpec {
            queue_bound: bound,
            ..spec
        };
        vec![(spec, backends, rate)]
    };
    let general = |service| vec![central(row, 1, service)];
    let fixed = |mean, workers| {
        vec![central(
            row,
            workers,
            Distribution::Deterministic { value: mean },
        )]
    };
    let hyper = |mean, scv| Distribution::HyperExponential { mean, scv };
    match row.id() {
        "Q01" | "Q02" | "Q03" | "Q04" | "Q05" | "Q06" | "Q07" => markov(None),
        "Q08" | "Q11" => vec![split(row, Strategy::Random)],
        "Q09" | "Q10" => vec![split(row, Strategy::RoundRobin)],
        "Q12a" | "Q12b" => {
            let spec = plain(Strategy::PowerOfTwoChoices, 1, exponential(1.0));
            vec![(spec, 100, 100.0 * row.input("rho"))]
        }
        "Q13" => fixed(row.input("ES"), 1),
        "Q14" => general(hyper(row.input("ES"), row.input("cs2"))),
        "Q15" => general(Distribution::LogNormal {
            mean: row.input("ES"),
            scv: row.input("cs2"),
        }),
        "Q17a" | "Q17b" | "Q17c" => fixed(row.input("D"), row.count("c")),
        "Q22" => markov(Some(row.count("K") - row.count("c"))),
        "Q23" => markov(Some(0)),
        "Q24" => [
            exponential(row.input("ES")),
            Distribution::Deterministic {
                value: row.input("ES"),
            },
            hyper(row.input("ES"), 4.0),
        ]
        .into_iter()
        .flat_map(general)
        .map(|(spec, backends, rate)| {
            let spec = PlayerSpec {
                discipline: Discipline::ProcessorSharing,
                ..spec
            };
            (spec, backends, rate)
        })
        .collect(),
        id => {
            assert!(NOT_PLAYED.iter().any(|known| known.0 == id), "{id}");
            Vec::new()
        }
    }
}

#[test]
fn steady_queues_are_those_of_the_closed_forms() {
    for row in rows(include_str!("../../ground_truth/queue_ground_truth.json")) {
        for (spec, backends, rate) in queues(&row) {
            let figures = Figures::measure(&spec, backends, rate, 8, 150_000.0);
            let expected = row.0["expected"].as_object().expect("figures");
            for name in expected.keys() {
                let own = match name.as_str() {
                    "W" => "mean",
                    "P_block" | "B" => "refused",
                    name if NOT_TOLD.contains(&name) => continue,
                    name => name,
                };
                row.check(name, figures.get(own));
            }
        }
    }
}

/// Requests in line, and those and the ones in service, of all backends.
fn inside(player: &RequestPlayer, backends: u64) -> (f64, f64) {
    let mut found = (0.0, 0.0);
    for id in 0..backends {
        let usage = player.usage(id).expect("it is there");
        found.0 += usage.waiting as f64;
        found.1 += usage.inside as f64;
    }
    found
}

/// Puts the backends that are not there yet into rotation too.
fn grow(player: &mut RequestPlayer, backends: u64) {
    let ids: Vec<u64> = (0..backends).collect();
    for id in &ids {
        player.add(*id);
    }
    player.set_rotation(&ids);
}

/// Workers of one backend in what follows.
const WORKERS: u32 = 10;

/// Backends with equal shares of capacity, some of which come at `T`. Least connections leaves none of them idle while
/// others have more than they can serve, so that together they work off the one line of the closed form. How long a
/// request of that line waits is another matter, since none changes lines: the delays of the row are not held.
fn overload(row: &Row) {
    const STEP: f64 = 0.1;
    let [rate, before, after, arrival] = ["lam1", "C0", "C1", "T"].map(|key| row.input(key));
    let (c0, c1) = (row.count("C0"), row.count("C1"));
    let share = (1..=c0)
        .rev()
        .find(|share| c0 % share == 0 && c1 % share == 0)
        .expect("one divides all");
    let spec = plain(
        Strategy::LeastConnections,
        WORKERS,
        exponential(f64::from(WORKERS) / f64::from(share)),
    );
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small counts of servers"
    )]
    let [few, many] = [before, after].map(|all| (all / f64::from(share)).round() as u64);
    let mut figures = [Summary::new(); 5];
    for run in 0..20 {
        let mut player = player(spec.clone(), few, run);
        let at_arrival = play(&mut player, 0.0, arrival, rate);
        let (peak, _) = inside(&player, few);
        let mut arrived = at_arrival.arrived as f64;
        // Up to then the line grows evenly, but for chance.
        let mut area = peak * arrival / 2.0;
        grow(&mut player, many);
        let full = many as f64 * f64::from(WORKERS);
        let mut now = arrival;
        loop {
            let (waiting, inside) = inside(&player, many);
            if inside <= full {
                break;
            }
            area += waiting * STEP;
            arrived += play(&mut player, now, now + STEP, rate).arrived as f64;
            now += STEP;
        }
        let found = [peak, now - arrival, now, area, arrived];
        for (summary, found) in figures.iter_mut().zip(found) {
            summary.add(found);
        }
    }
    let names = [
        "backlog_peak",
        "drain_s",
        "total_overload_s",
        "backlog_area_req_s",
        "delayed_requests",
    ];
    for (name, summary) in names.into_iter().zip(&figures) {
        row.check(name, mean_and_error(summary));
    }
}

/// The moments after `EN_` in the row, in order.
fn moments(row: &Row) -> Vec<(String, f64)> {
    let expected = row.0["expected"].as_object().expect("figures");
    let mut moments: Vec<(String, f64)> = expected
        .keys()
        .filter_map(|name| {
            let seconds = name.strip_prefix("EN_")?.parse().expect("seconds");
            Some((name.clone(), seconds))
        })
        .collect();
    moments.sort_by(|a, b| a.1.total_cmp(&b.1));
    moments
}

/// Poisson arrivals split at random are Poisson again and independent: each backend is a run of its own.
fn from_empty(row: &Row) {
    const QUEUES: u64 = 40_000;
    let spec = plain(
        Strategy::Random,
        row.count("c"),
        exponential(1.0 / row.input("mu")),
    );
    let mut player = player(spec, QUEUES, 0);
    let mut now = 0.0;
    for (name, moment) in moments(row) {
        play(&mut player, now, moment, row.input("lam") * QUEUES as f64);
        now = moment;
        let mut summary = Summary::new();
        for id in 0..QUEUES {
            summary.add(player.usage(id).expect("it is there").inside as f64);
        }
        row.check(&name, mean_and_error(&summary));
    }
}

/// As many workers come, in a second backend that gets what the first one would have to keep waiting.
fn stepped(row: &Row) {
    const WARM: f64 = 60.0;
    let service = exponential(1.0 / row.input("mu"));
    let spec = plain(Strategy::LeastConnections, row.count("c0"), service);
    assert_eq!(row.count("c1"), 2 * row.count("c0"));
    let moments = moments(row);
    let mut figures = vec![Summary::new(); moments.len()];
    for run in 0..200 {
        let mut player = player(spec.clone(), 1, run);
        play(&mut player, 0.0, WARM, row.input("lam0"));
        let mut now = 0.0;
        let mut backends = 1;
        for ((_, moment), summary) in moments.iter().zip(&mut figures) {
            play(&mut player, WARM + now, WARM + moment, row.input("lam1"));
            now = *moment;
            summary.add(inside(&player, backends).1);
            if now >= row.input("T") && backends == 1 {
                backends = 2;
                grow(&mut player, backends);
            }
        }
    }
    for ((name, _), summary) in moments.iter().zip(&figures) {
        row.check(name, mean_and_error(summary));
    }
}

#[test]
fn overloads_and_changing_loads_are_those_of_the_closed_forms() {
    for row in rows(include_str!(
        "../../ground_truth/transient_ground_truth.json"
    )) {
        match row.id() {
            "T1a" | "T1b" | "T1c" | "T1d" => overload(&row),
            "T4" => from_empty(&row),
            "T5" => stepped(&row),
            // Infinitely many servers.
            "T2" | "T3" => {}
            id => panic!("{id} is not a known row"),
        }
    }
}
