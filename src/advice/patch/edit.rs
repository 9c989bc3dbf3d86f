//! Edits of a text: bytes put in place of other bytes.

use std::ops::Range;

/// One edit: these bytes of the file go, and the text comes in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go; empty for an insertion.
    pub range: Range<usize>,
    /// What comes in their place; empty for a deletion.
    pub text: String,
}

impl Edit {
    pub(super) fn insert(at: usize, text: String) -> Self {
        Self {
            range: at..at,
            text,
        }
    }

    pub(super) fn delete(range: Range<usize>) -> Self {
        Self {
            range,
            text: String::new(),
        }
    }
}

/// Puts edits in the order of their places, keeping the order of those at the same place. `None` if two overlap or one
/// is outside the file.
pub(super) fn in_order(mut edits: Vec<Edit>, length: usize) -> Option<Vec<Edit>> {
    edits.retain(|edit| !edit.range.is_empty() || !edit.text.is_empty());
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let overlaps = edits
        .windows(2)
        .any(|pair| pair[0].range.end > pair[1].range.start);
    let is_inside = edits.last().is_none_or(|edit| edit.range.end <= length);
    (!overlaps && is_inside).then_some(edits)
}

/// The bytes after the edits, which are in order.
pub(super) fn apply(before: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut after =
        Vec::with_capacity(before.len() + edits.iter().map(|it| it.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        after.extend_from_slice(&before[at..edit.range.start]);
        after.extend_from_slice(edit.text.as_bytes());
        at = edit.range.end;
    }
    after.extend_from_slice(&before[at..]);
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_by_place_and_those_at_one_place_in_turn() {
        let edits = vec![
            Edit::insert(3, "1".to_owned()),
            Edit::delete(3..4),
            Edit::insert(3, "2".to_owned()),
            Edit {
                range: 0..1,
                text: "AA".to_owned(),
            },
        ];
        let edits = in_order(edits, 5).expect("they don't overlap");
        assert_eq!(apply(b"abcde", &edits), b"AAbc12e");
    }

    #[test]
    fn edits_that_overlap_or_leave_the_file_are_none() {
        assert_eq!(
            in_order(vec![Edit::delete(0..3), Edit::delete(2..4)], 5),
            None
        );
        assert_eq!(in_order(vec![Edit::delete(0..9)], 5), None);
    }
}
