//! What a column's, a metric's or a file's name says about its numbers.

/// What a name says about the numbers under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    RequestsPerSecond,
    RequestsPerMinute,
    CountPerStep,
    /// A count that only grows.
    Counter,
    /// Seconds of cpu time that only grow.
    CpuSecondsCounter,
    Cores,
    /// Cores, but maybe those that exist rather than those in use.
    MaybeCores,
    MilliCores,
    Percent,
    /// A share of something, as a percentage or as a fraction.
    Utilization,
    /// A share of something where 1 is all of it.
    Fraction,
    /// Cpu in an unknown unit.
    Cpu,
    /// Cpu in use as clock rate.
    Megahertz,
    /// Cpu that exists as clock rate.
    MegahertzCapacity,
    /// A word that stands for any number: `value`.
    Bare,
    /// How long each step lasts, in nanoseconds per unit.
    StepLength(i64),
    /// Certainly no load: an index, an identifier, a latency, a replica count.
    NotLoad,
    Unknown,
}

const REQUESTS: &str = "\
    request requests req reqs query queries hit hits call calls invocation invocations transaction \
    transactions message messages msgs op ops operations event events arrival arrivals visit visits views \
    pageviews jobs orders tweets";

const COUNTS: &str = "count counts volume number num cnt n total";

const BARE: &str = "value values val y v load demand traffic workload intensity sum series";

const NOT_LOAD: &str = "\
    latency latencies p50 p75 p90 p95 p99 percentile quantile memory mem bytes ram disk network net rx tx io \
    replicas replica pod pods node nodes step index idx id phase status code error errors failure failures \
    failed limit limits temperature flight inflight queued queue pending active concurrent concurrency backlog \
    open size le unnamed row seq";

/// The words of a name in lower case: split at anything but letters and digits, and where capitals begin a word.
/// `%` and `/` are words of their own.
pub(crate) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if letter.is_alphanumeric() {
            let before = at.checked_sub(1).map(|before| letters[before]);
            let starts_word = letter.is_uppercase()
                && before.is_some_and(|before| {
                    before.is_lowercase()
                        || before.is_uppercase()
                            && letters.get(at + 1).is_some_and(|next| next.is_lowercase())
                });
            if starts_word && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.extend(letter.to_lowercase());
        } else {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if matches!(letter, '%' | '/') {
                words.push(letter.to_string());
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// What a name says about the numbers under it.
pub(crate) fn meaning(name: &str) -> Meaning {
    let words = words(name);
    let name = Words(&words);
    if let Some(nanos) = name.step_length() {
        return Meaning::StepLength(nanos);
    }
    if name.has(NOT_LOAD) || name.is_time() {
        return Meaning::NotLoad;
    }
    if name.per("s sec second seconds") || name.has("rps qps tps reqps") {
        return Meaning::RequestsPerSecond;
    }
    if name.per("m min minute minutes") || name.has("rpm qpm") {
        return Meaning::RequestsPerMinute;
    }
    if let Some(meaning) = name.cpu() {
        return meaning;
    }
    if name.has("percent percentage pct %") {
        return Meaning::Percent;
    }
    if name.has("utilization utilisation util ratio") {
        return Meaning::Utilization;
    }
    if name.has(REQUESTS) && name.is_rate() || name.has("throughput") {
        return Meaning::RequestsPerSecond;
    }
    if name.has(REQUESTS) && name.ends_with("total cumulative") {
        return Meaning::Counter;
    }
    if name.has(REQUESTS) || name.has(COUNTS) {
        return Meaning::CountPerStep;
    }
    if name.has(BARE) {
        return Meaning::Bare;
    }
    Meaning::Unknown
}

/// Whether a column of step lengths says by its name that a time marks the beginning of its step: `holds_ms`.
pub(crate) fn holds_from_start(name: &str) -> bool {
    words(name).first().is_some_and(|word| word == "holds")
}

/// How surely a name is that of the times, from 0 (not at all) to 100.
pub(crate) fn time_likeness(name: &str) -> u32 {
    let words = words(name);
    let name = Words(&words);
    if name.has("response service wait waiting taken cpu processing travel up end finish completion duration") {
        return 0;
    }
    match (words.len(), name.is_time()) {
        (1, true) => 100,
        (_, true) => 90,
        _ if name.has("elapsed offset t unix") => 60,
        (1, _) if name.has("s sec secs second seconds minute minutes ms") => 50,
        _ => 0,
    }
}

/// Nanoseconds in the unit that a name states for a time that counts from the beginning; seconds if none is stated.
pub(crate) fn relative_unit(name: &str) -> i64 {
    let words = words(name);
    unit_nanos(&words).unwrap_or(1_000_000_000)
}

fn unit_nanos(words: &[String]) -> Option<i64> {
    words.iter().rev().find_map(|word| {
        Some(match word.as_str() {
            "ns" | "nanos" | "nanoseconds" => 1,
            "us" | "micros" | "microseconds" => 1_000,
            "ms" | "millis" | "milliseconds" => 1_000_000,
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000_000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000_000_000,
            "h" | "hour" | "hours" => 3_600_000_000_000,
            _ => return None,
        })
    })
}

struct Words<'a>(&'a [String]);

impl Words<'_> {
    fn has(&self, any: &str) -> bool {
        self.0
            .iter()
            .any(|word| any.split(' ').any(|wanted| wanted == word))
    }

    fn ends_with(&self, any: &str) -> bool {
        self.0
            .last()
            .is_some_and(|word| any.split(' ').any(|wanted| wanted == word))
    }

    /// Whether one of the words follows `per` or a slash.
    fn per(&self, any: &str) -> bool {
        self.0.windows(2).any(|pair| {
            matches!(pair[0].as_str(), "per" | "/")
                && any.split(' ').any(|wanted| wanted == pair[1])
        })
    }

    /// `rate`, also with a window as recording rules write it: `rate5m`.
    fn is_rate(&self) -> bool {
        self.0.iter().any(|word| {
            word.strip_prefix("rate").is_some_and(|window| {
                window.is_empty() || window.starts_with(|c: char| c.is_ascii_digit())
            })
        })
    }

    fn is_time(&self) -> bool {
        self.has("timestamp time datetime date epoch ts timestamps unixtime")
    }

    /// A column such as `duration_ms` with nothing else in its name.
    fn step_length(&self) -> Option<i64> {
        let length_words = "duration interval step holds";
        let unit = unit_nanos(self.0)?;
        let only = self.0.len() == 2 && Words(&self.0[..1]).has(length_words);
        only.then_some(unit)
    }

    fn cpu(&self) -> Option<Meaning> {
        let cores = self.has("core cores vcpu vcpus cpus");
        let milli = self.has("millicores millicore mcores mcpu millicpu");
        let megahertz = self.has("mhz");
        if !(cores || milli || megahertz || self.has("cpu")) {
            return None;
        }
        let available = self
            .has("capacity provisioned allocatable request requests requested reserved available");
        Some(if megahertz && available {
            Meaning::MegahertzCapacity
        } else if available {
            Meaning::NotLoad
        } else if megahertz {
            Meaning::Megahertz
        } else if self.has("seconds") && self.ends_with("total") {
            Meaning::CpuSecondsCounter
        } else if milli {
            Meaning::MilliCores
        } else if self.has("percent percentage pct %") {
            Meaning::Percent
        } else if self.has("fraction") {
            Meaning::Fraction
        } else if self.has("utilization utilisation util ratio") {
            Meaning::Utilization
        } else if cores && self.has("usage used use consumed busy") {
            Meaning::Cores
        } else if cores {
            Meaning::MaybeCores
        } else {
            Meaning::Cpu
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], expected: Meaning) {
        for name in names {
            assert_eq!(meaning(name), expected, "{name}");
        }
    }

    #[test]
    fn names_split_into_words() {
        assert_eq!(
            words("CPUUtilization_p95 [%]"),
            ["cpu", "utilization", "p95", "%"]
        );
        assert_eq!(words("requestCount/s"), ["request", "count", "/", "s"]);
    }

    #[test]
    fn rates_counts_and_counters_are_told_apart() {
        check(
            &[
                "rps",
                "requests_per_second",
                "Requests/s",
                "qps",
                "request_rate",
                "req/sec",
                "throughput",
                "job:http_requests:rate5m",
            ],
            Meaning::RequestsPerSecond,
        );
        check(
            &["rpm", "requests_per_minute", "hits/min"],
            Meaning::RequestsPerMinute,
        );
        check(
            &[
                "requests",
                "RequestCount",
                "count",
                "num_requests",
                "hits",
                "total_requests",
                "volume",
            ],
            Meaning::CountPerStep,
        );
        check(&["http_requests_total"], Meaning::Counter);
        check(&["value", "Value", "load"], Meaning::Bare);
        check(&["ContextTokens", "users", "foo"], Meaning::Unknown);
    }

    #[test]
    fn cpu_has_many_names() {
        check(
            &["cpu_percent", "CPU usage [%]", "cpu_pct"],
            Meaning::Percent,
        );
        check(&["CPUUtilization", "cpu_util"], Meaning::Utilization);
        check(&["cpu_usage_cores", "used_cores"], Meaning::Cores);
        check(
            &["cpu_cores", "CPU cores", "container_cpu_cores"],
            Meaning::MaybeCores,
        );
        check(&["cpu_fraction"], Meaning::Fraction);
        check(&["median_millicores"], Meaning::MilliCores);
        check(
            &["container_cpu_usage_seconds_total"],
            Meaning::CpuSecondsCounter,
        );
        check(&["cpu_usage_mhz", "CPU usage [MHZ]"], Meaning::Megahertz);
        check(
            &["cpu_capacity_mhz", "CPU capacity provisioned [MHZ]"],
            Meaning::MegahertzCapacity,
        );
        check(&["cpu", "cpu_usage"], Meaning::Cpu);
    }

    #[test]
    fn what_is_no_load_is_known() {
        check(
            &[
                "step",
                "phase_idx",
                "replicas",
                "ready_replicas",
                "latency_ms",
                "p95",
                "http_status",
                "memory_percent",
                "cpu_request",
                "start_time",
            ],
            Meaning::NotLoad,
        );
        check(&["duration_ms"], Meaning::StepLength(1_000_000));
        check(&["interval_s"], Meaning::StepLength(1_000_000_000));
        check(&["holds_ns"], Meaning::StepLength(1));
    }

    #[test]
    fn times_are_recognised_by_name() {
        for name in [
            "timestamp",
            "TIMESTAMP",
            "Time",
            "ts",
            "timestamp_s",
            "@timestamp",
            "t_offset_s",
            "start_time",
            "Timestamp [ms]",
        ] {
            assert!(time_likeness(name) > 0, "{name}");
        }
        for name in [
            "rps",
            "response_time",
            "step",
            "requests",
            "uptime",
            "duration_ms",
        ] {
            assert_eq!(time_likeness(name), 0, "{name}");
        }
        assert_eq!(relative_unit("t_offset_s"), 1_000_000_000);
        assert_eq!(relative_unit("time_ms"), 1_000_000);
        assert_eq!(relative_unit("minute"), 60_000_000_000);
        assert_eq!(relative_unit("timestamp"), 1_000_000_000);
    }
}
