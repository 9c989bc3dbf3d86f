//! The scenario file that `init` writes: every key with its text and its default, commented out.

use std::fmt::Write as _;

use clap::CommandFactory as _;

use super::settings::Bare;

/// A scenario file with every key, its text and its default, all of it commented out.
#[must_use]
pub fn example_file() -> String {
    let mut file = String::from(
        "# A scaleplan scenario: what manifests and traces do not say. Every key is also a flag; a flag wins.\n\
         # Take out the # before a key to set it.\n",
    );
    let mut heading = String::new();
    for argument in Bare::command().get_arguments() {
        let Some(key) = argument.get_long().filter(|key| *key != "help") else {
            continue;
        };
        let section = argument.get_help_heading().unwrap_or_default();
        if section != heading {
            section.clone_into(&mut heading);
            let _ = write!(file, "\n# {section}\n");
        }
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let (text, default) = match help.rsplit_once(" [default: ") {
            Some((text, default)) => (text, Some(default.trim_end_matches(']'))),
            None => (help.as_str(), None),
        };
        let _ = match default {
            Some(default) => writeln!(file, "# {text}. Default: {default}."),
            None => writeln!(file, "# {text}."),
        };
        let _ = match example_value(key, default) {
            Some(value) if ["metric", "with"].contains(&key) => writeln!(file, "#{key}: [{value}]"),
            Some(value) => writeln!(file, "#{key}: {value}"),
            None => writeln!(file, "#{key}:"),
        };
    }
    file.push_str(
        "\n# Further backends: like one of the built-in ones, but for what is given.\n\
         #backends:\n#  vm-on-fast-disks:\n#    like: vm\n#    prepare: 2..8s\n#    start: 20..45s\n#    ready: 5..30s\n#    path-latency: 0.5..1ms\n\
         #    throughput: 3.5G\n#    connections: 35000\n#    prepare-at-once: 4\n#    node-lost-after: 300s\n\
         \n# What happens beside the trace, at times from its beginning.\n\
         #disturbances:\n\
         #  - {at: 6h, node-failure: {nodes: 1, for: 10m}}\n\
         #  - {at: 8h, zone-loss: {zones: 1, for: 10m}}\n\
         #  - {at: 10h, replica-failure: {replicas: 1}}\n\
         #  - {at: 12h, rolling-update: {max-surge: 25%, max-unavailable: 25%}}\n\
         #  - {at: 14h, slow-prepare: {factor: 4, for: 10m}}\n\
         #  - {at: 16h, metric-outage: {for: 5m}}\n",
    );
    file
}

/// The value to show for a key: its default where that is a value, else an example.
fn example_value(key: &str, default: Option<&str>) -> Option<String> {
    let example = match key {
        "unit" => "rps",
        "time-column" => "timestamp",
        "value-column" => "requests",
        "series" => "http_requests_total",
        "step" => "60s",
        "gaps" => "hold",
        "percent-of" | "cpu-limit" | "rate-scale" | "probe-successes" => "1",
        "cpu-per-request" => "5ms",
        "cpu-request" => "500m",
        "memory-request" => "512Mi",
        "memory-idle" => "256Mi",
        "concurrency" | "container-prepare-at-once" | "vm-prepare-at-once" => "8",
        "service" => "exp(50ms)",
        "queue-bound" => "100",
        "session-affinity" => "3h",
        "connection-lifetime" => "exp(5m)",
        "probe-failures" | "zones" => "3",
        "pre-stop" => "5s",
        "peak-replicas" | "nodes" => "6",
        "max-nodes" => "12",
        "replicas-per-node" => "4",
        "with" => "image-prepull, cdi-preload",
        "initial-replicas" => "2",
        "metric" => "http_requests_per_second=rate",
        "grace-period" => "30s",
        "probe-period" => "10s",
        "probe-initial-delay" => "0s",
        _ => {
            return default
                .filter(|default| !default.contains(' '))
                .map(str::to_owned);
        }
    };
    Some(example.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Settings;

    #[test]
    fn the_example_file_sets_nothing_and_every_line_of_it_could() {
        let example = example_file();
        assert_eq!(Settings::from_file(&example), Ok(Settings::default()));
        let uncommented: Vec<&str> = example
            .lines()
            .filter_map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| !rest.starts_with(' ') || rest.starts_with("  "))
            })
            .collect();
        let settings =
            Settings::from_file(&uncommented.join("\n")).expect("every example fits its key");
        assert_eq!(settings.runs, Some(20));
        assert_eq!(settings.backends.len(), 1);
        assert_eq!(settings.disturbances.len(), 6);
        assert_eq!(settings.with.len(), 2);
        assert!(
            settings.unit.is_some() && settings.cpu_limit.is_some() && settings.tolerance.is_some()
        );
    }
}
