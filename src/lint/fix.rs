//! Carries out the edits that findings offer.

use super::finding::{Edit, Finding};

/// A text after its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: Vec<u8>,
    /// How many findings' fixes are in it.
    pub applied: usize,
}

/// Carries out the fixes of findings in one file, given its text. Of fixes that meet, the first is carried out: the others
/// may have become wrong by it, and the file is to be linted again.
#[must_use]
pub fn fix_text<'a>(text: &[u8], findings: impl IntoIterator<Item = &'a Finding>) -> Fixed {
    let fixes = findings.into_iter().filter_map(|it| it.fix.as_ref());
    let mut fixes: Vec<&[Edit]> = fixes.map(|fix| fix.edits.as_slice()).collect();
    fixes.sort_by_key(|edits| edits.first().map(|edit| (edit.start, edit.end)));
    let mut fixed = Fixed {
        text: Vec::with_capacity(text.len()),
        applied: 0,
    };
    let mut done = 0;
    for edits in fixes {
        if !follows(edits, done, fixed.applied > 0, text.len()) {
            continue;
        }
        for edit in edits {
            fixed.text.extend_from_slice(&text[done..edit.start]);
            fixed.text.extend_from_slice(edit.text.as_bytes());
            done = edit.end;
        }
        fixed.applied += 1;
    }
    fixed.text.extend_from_slice(&text[done..]);
    fixed
}

/// Whether edits are in order, apart, inside the text and after what is done.
fn follows(edits: &[Edit], done: usize, touches: bool, length: usize) -> bool {
    let mut last = done;
    for (index, edit) in edits.iter().enumerate() {
        let meets = edit.start < last || (touches && index == 0 && edit.start == last);
        if meets || edit.end < edit.start || edit.end > length {
            return false;
        }
        last = edit.end;
    }
    !edits.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{STATIC_REPLICAS, findings};

    #[track_caller]
    fn check(text: &str, fixes: &[&[(usize, usize, &str)]], expected: (&str, usize)) {
        let finding = findings(STATIC_REPLICAS).remove(0);
        let findings: Vec<Finding> = fixes
            .iter()
            .map(|edits| {
                let mut finding = finding.clone();
                let edits = edits.iter().map(|&(start, end, text)| Edit {
                    start,
                    end,
                    text: text.to_owned(),
                });
                finding.with_fix("mend it", edits.collect());
                finding
            })
            .collect();
        let fixed = fix_text(text.as_bytes(), &findings);
        let text = String::from_utf8(fixed.text).expect("UTF-8 stays UTF-8");
        assert_eq!((text.as_str(), fixed.applied), expected);
    }

    #[test]
    fn edits_replace_remove_and_insert() {
        check("abcdef", &[], ("abcdef", 0));
        check("abcdef", &[&[(4, 5, "")], &[(1, 2, "XY")]], ("aXYcdf", 2));
        check("abcdef", &[&[(0, 0, "<"), (6, 6, ">")]], ("<abcdef>", 1));
    }

    #[test]
    fn of_fixes_that_meet_the_first_is_carried_out() {
        check("abcdef", &[&[(0, 3, "")], &[(2, 4, "")]], ("def", 1));
        check("abcdef", &[&[(1, 2, "X")], &[(1, 2, "X")]], ("aXcdef", 1));
        check(
            "abcdef",
            &[&[(0, 1, ""), (4, 5, "")], &[(2, 3, "")]],
            ("bcdf", 1),
        );
    }

    #[test]
    fn edits_that_are_not_of_this_text_are_left_out() {
        check("abc", &[&[(2, 9, "")], &[(2, 1, "")], &[]], ("abc", 0));
    }
}
