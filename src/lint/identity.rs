//! What a message says without its figures, by which a finding is known again when only they have changed.

use std::borrow::Cow;

/// What may stand right behind a number: percent, the suffixes of quantities, and those of times.
const SUFFIXES: [&str; 24] = [
    "", "%", "n", "u", "m", "k", "K", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
    "ns", "us", "ms", "s", "min", "h",
];
/// Units as words of their own, of which a figure has sometimes one and sometimes two: `90 s`, `2 min 5 s`.
const UNITS: [&str; 6] = ["ns", "ms", "s", "min", "h", "d"];

/// A message without its figures: numbers, their units, and the plural of what they count. Names with digits in them and
/// places such as `metrics[0]` stay.
pub(crate) fn without_figures(message: &str) -> Cow<'_, str> {
    if !message.bytes().any(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(message);
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut counts = false;
    for word in message.split(' ') {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '%');
        if is_figure(bare) || counts && UNITS.contains(&bare) {
            counts = true;
            continue;
        }
        let is_counted = std::mem::replace(&mut counts, false);
        let singular = word.strip_suffix('s').filter(|_| is_counted);
        kept.push(singular.unwrap_or(word));
    }
    Cow::Owned(kept.join(" "))
}

/// Whether a word is a number with or without a suffix.
fn is_figure(word: &str) -> bool {
    let is_of_number = |letter: char| letter.is_ascii_digit() || ".,:_".contains(letter);
    let number = word.trim_end_matches(|letter: char| !is_of_number(letter));
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.chars().all(is_of_number)
        && SUFFIXES.contains(&&word[number.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_same(one: &str, other: &str) {
        assert_eq!(without_figures(one), without_figures(other));
    }

    #[test]
    fn figures_make_no_difference() {
        check_same(
            "a lull of 15 s takes pods away, up to 9 of 10 within a minute",
            "a lull of 1 min 30 s takes pods away, up to 1 of 4 within a minute",
        );
        check_same(
            "the policy of 1 pod in 15 s never decides",
            "the policy of 4 pods in 2 min never decides",
        );
        check_same(
            "spec.tolerance: `-100m` is negative",
            "spec.tolerance: `-0.5` is negative",
        );
        check_same("requests 70% of 512Mi", "requests 65.5% of 1Gi");
    }

    #[test]
    fn names_and_places_do() {
        for text in [
            "container `web-2` has none",
            "spec.metrics[0] is one",
            "3scale is near",
            "v1.33",
            "two of them",
        ] {
            assert_eq!(without_figures(text), text);
        }
        assert_ne!(without_figures("5 pods"), without_figures("5 nodes"));
    }
}
