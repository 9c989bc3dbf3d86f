//! The word that was probably meant.

/// The nearest of the known words, if one is near: at most a third of its letters differ.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    let near = known.iter().map(|known| (distance(&word, known), *known));
    let (distance, meant) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= meant.chars().count().div_ceil(3)).then_some(meant)
}

/// How many letters have to be put, taken or changed to make one word of the other (Levenshtein 1966).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, against) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *against);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
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
