//! `lifecycle.preStop` of a container, as far as it only lets time pass: `sleep`, or a command that sleeps.

use super::decode::{Decoder, Field};
use crate::units::SimDuration;

/// The longest sleep that is believed, seconds; the grace period ends every hook anyway.
const LONGEST: f64 = 1e6;

/// How long the hook sleeps; `None` where there is none, or where it does something else.
pub(crate) fn read(decoder: &mut Decoder, container: &Field<'_>) -> Option<SimDuration> {
    let lifecycle = decoder.object(container, "lifecycle")?;
    let hook = decoder.object(&lifecycle, "preStop")?;
    if let Some(sleep) = decoder.object(&hook, "sleep") {
        let seconds = decoder.int32(&sleep, "seconds")?;
        if seconds.value < 0 {
            let problem = format!("`{}` is negative, expected 0 or more", seconds.value);
            decoder.faults.push(seconds.invalid(problem));
            return None;
        }
        return Some(SimDuration::from_seconds(seconds.value.into()));
    }
    let exec = decoder.object(&hook, "exec")?;
    let command = decoder.child(&exec, "command")?;
    let words: Vec<&str> = command
        .node
        .items()
        .take(MOST_WORDS)
        .filter_map(|word| word.text())
        .collect();
    sleep_of(&words.join(" "))
}

/// The most words of a command that are looked at.
const MOST_WORDS: usize = 64;

/// How long a command sleeps: the sum of its `sleep N`, as in `sh -c "sleep 5 && nginx -s quit"`.
fn sleep_of(command: &str) -> Option<SimDuration> {
    let is_between = |letter: char| letter.is_whitespace() || ";&|()\"'".contains(letter);
    let mut words = command.split(is_between).filter(|word| !word.is_empty());
    let mut slept = None;
    while let Some(word) = words.next() {
        if word == "sleep" || word.ends_with("/sleep") {
            let seconds = words.next().and_then(seconds_of)?;
            slept = Some(slept.unwrap_or(0.0) + seconds);
        }
    }
    slept.map(|seconds: f64| SimDuration::from_seconds_rounded(seconds.min(LONGEST)))
}

/// `15`, `15s`, `0.5`, `2m`, as sleep(1) takes them.
fn seconds_of(word: &str) -> Option<f64> {
    let (number, factor) = match word.as_bytes().last()? {
        b's' => (&word[..word.len() - 1], 1.0),
        b'm' => (&word[..word.len() - 1], 60.0),
        b'h' => (&word[..word.len() - 1], 3600.0),
        _ => (word, 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * factor;
    (0.0..=LONGEST).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::{check_told, only_workload, read_text};
    use crate::units::SimDuration;

    fn deployment(hook: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{}}\n  template:\n    \
             spec:\n      containers:\n      - name: c\n        lifecycle: {{preStop: {hook}}}\n"
        )
    }

    #[track_caller]
    fn check(hook: &str, seconds: Option<f64>) {
        let expected = seconds.map(SimDuration::from_seconds_rounded);
        assert_eq!(
            only_workload(&deployment(hook)).pod.pre_stop(),
            expected,
            "{hook}"
        );
    }

    #[test]
    fn a_hook_that_sleeps_takes_its_time() {
        check("{sleep: {seconds: 5}}", Some(5.0));
        check("{exec: {command: [sleep, '15']}}", Some(15.0));
        check("{exec: {command: [/bin/sleep, 2m]}}", Some(120.0));
        check(
            "{exec: {command: [/bin/sh, -c, 'sleep 0.5; nginx -s quit && sleep 10s']}}",
            Some(10.5),
        );
    }

    #[test]
    fn what_a_hook_does_else_takes_no_known_time() {
        check("{httpGet: {path: /quit, port: 80}}", None);
        check("{exec: {command: [nginx, -s, quit]}}", None);
        check("{exec: {command: [sleep, $WAIT]}}", None);
        check("{exec: {command: [sleep]}}", None);
        check("{exec: {}}", None);
        check("{}", None);
    }

    #[test]
    fn a_negative_sleep_is_refused() {
        let read = read_text(&deployment("{sleep: {seconds: -1}}"));
        check_told(
            &read.errors,
            &["10:48 spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds: `-1`"],
        );
    }
}
