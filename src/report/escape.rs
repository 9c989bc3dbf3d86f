//! Text from files, made harmless: no terminal escape, no hidden direction change, no markup, no formula.

/// The longest text from a file that is shown to people, characters.
const LONGEST: usize = 300;

/// For a terminal, an image or any plain text: one line, nothing that moves the cursor or hides what it says.
///
/// Control characters, line separators, and characters that change direction or take no room are written as
/// `\u{...}`; what is too long ends in `…`.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * LONGEST));
    for (index, letter) in text.chars().enumerate() {
        if index == LONGEST {
            shown.push('…');
            break;
        }
        if is_hidden(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// For Markdown, also inside a table: as [`plain`], and nothing that makes markup, links or mentions.
pub(crate) fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // A mention would call people into the discussion.
            '@' => shown.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' => {
                shown.push('\\');
                shown.push(letter);
            }
            _ => shown.push(letter),
        }
    }
    // Bare addresses become links by themselves.
    shown
        .replace("://", ":&#47;&#47;")
        .replace("www.", "www&#46;")
}

/// For a text cell of a CSV table: as [`plain`], and no spreadsheet takes it for a formula.
pub(crate) fn csv(text: &str) -> String {
    let shown = plain(text);
    let is_formula = shown
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if is_formula {
        format!("'{shown}")
    } else {
        shown
    }
}

/// Whether a character does something else than be seen.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn terminal_escapes_are_spelled_out() {
        assert_eq!(plain("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(plain("a\r\nb\u{7}\u{9b}c"), "a\\r\\nb\\u{7}\\u{9b}c");
    }

    #[test]
    fn direction_changes_are_spelled_out() {
        assert_eq!(plain("a\u{202e}b\u{200b}c"), "a\\u{202e}b\\u{200b}c");
        assert_eq!(plain("größe 名前"), "größe 名前");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(plain(&"x".repeat(1_000_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn markdown_has_no_markup_left() {
        assert_eq!(markdown("a|b`c`<img>"), "a\\|b\\`c\\`&lt;img&gt;");
        assert_eq!(markdown("@all [x](y)"), "&#64;all \\[x\\]\\(y\\)");
        assert_eq!(markdown("http://a"), "http:&#47;&#47;a");
    }

    #[test]
    fn csv_cells_are_no_formulas() {
        assert_eq!(csv("=1+1"), "'=1+1");
        assert_eq!(csv(" @x"), "' @x");
        assert_eq!(csv("default/app"), "default/app");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            for shown in [plain(&text), markdown(&text), csv(&text)] {
                prop_assert!(!shown.chars().any(is_hidden), "{:?}", shown);
            }
        }
    }
}
