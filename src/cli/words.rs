//! The word that was probably meant.

use crate::manifest::edit_distance;

/// The nearest of the known words, if one is near: at most a third of its letters differ.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    let near = known
        .iter()
        .map(|known| (edit_distance(word.as_bytes(), known.as_bytes()), *known));
    let (distance, meant) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= meant.chars().count().div_ceil(3)).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_few_wrong_letters_is_known() {
        let known = ["select", "ignore", "fail-on"];
        assert_eq!(nearest("selekt", &known), Some("select"));
        assert_eq!(nearest("fail_on", &known), Some("fail-on"));
        assert_eq!(nearest("quiet", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
