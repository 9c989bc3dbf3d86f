//! Text from files, made harmless: no terminal escape, no hidden direction change, no markup, no formula.

use std::fmt::Write as _;

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

/// A line of a patch for a terminal or a block of code, as long as it is: as [`plain`], but tabs stay, and a carriage
/// return at the end is left out.
pub(crate) fn patch_line(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for letter in line.trim_end_matches('\r').chars() {
        if letter != '\t' && is_hidden(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// A name or a value in Markdown, also inside a table: as [`plain`], in a code span, where nothing is markup.
pub(crate) fn markdown_code(text: &str) -> String {
    // A pipe would end the table's cell even inside a code span.
    let shown = plain(text).replace('|', "\\|");
    let longest_run = shown.split(|letter| letter != '`').map(str::len).max();
    let fence = "`".repeat(longest_run.unwrap_or(0) + 1);
    let is_bare = !shown.trim().is_empty() && !shown.starts_with('`') && !shown.ends_with('`');
    let room = if is_bare { "" } else { " " };
    format!("{fence}{room}{shown}{room}{fence}")
}

/// A sentence in Markdown, also inside a table: as [`plain`], and nothing that makes markup, links or mentions.
pub(crate) fn markdown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '$' => shown.push_str("&#36;"),
            // A mention would call people, a number would link an issue: both are looked for after parsing.
            '@' | '#' => {
                shown.push(letter);
                shown.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' => {
                shown.push('\\');
                shown.push(letter);
            }
            _ => shown.push(letter),
        }
    }
    // Bare addresses become links by themselves.
    shown
        .replace("://", ":<!-- -->//")
        .replace("www.", "www<!-- -->.")
}

/// Text in HTML, also within a quoted attribute: whole, nothing of it markup, nothing hidden.
pub(crate) fn html(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            _ if is_hidden(letter) => shown.extend(letter.escape_default()),
            _ => shown.push(letter),
        }
    }
    shown
}

/// JSON text inside a `script` element of HTML: the same document, and nothing in it ends the element or begins a comment.
pub(crate) fn json_in_html(document: &str) -> String {
    json(document)
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
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

/// For JSON text: the same document, with everything hidden inside its strings written as `\\u....`.
pub(crate) fn json(document: &str) -> String {
    let mut shown = String::with_capacity(document.len());
    for letter in document.chars() {
        // The line breaks of the document itself are no part of a string.
        if letter != '\n' && is_hidden(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// A string in YAML, in double quotes, so that no reader takes it for anything else.
pub(crate) fn yaml(text: &str) -> String {
    let mut shown = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                shown.push('\\');
                shown.push(letter);
            }
            _ if is_hidden(letter) => {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\U{:08x}", u32::from(letter));
            }
            _ => shown.push(letter),
        }
    }
    shown.push('"');
    shown
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
    fn patches_keep_their_tabs_and_their_length() {
        let long = "x".repeat(2 * LONGEST);
        assert_eq!(patch_line(&long), long);
        assert_eq!(
            patch_line("+\ta\u{1b}[2Jb\u{202e}\r"),
            "+\ta\\u{1b}[2Jb\\u{202e}"
        );
    }

    #[test]
    fn markdown_has_no_markup_left() {
        assert_eq!(markdown_text("a|b`c`<img>"), "a\\|b\\`c\\`&lt;img&gt;");
        assert_eq!(markdown_text("@all [x](y)"), "@<!-- -->all \\[x\\]\\(y\\)");
        assert_eq!(markdown_text("http://a"), "http:<!-- -->//a");
        assert_eq!(
            markdown_code("a|b``c <img> @all"),
            "```a\\|b``c <img> @all```"
        );
        assert_eq!(markdown_code("`"), "`` ` ``");
    }

    #[test]
    fn html_has_no_markup_left() {
        assert_eq!(
            html("</script><img onerror=\"a('b')\"> & \u{202e}"),
            "&lt;/script&gt;&lt;img onerror=&quot;a(&#39;b&#39;)&quot;&gt; &amp; \\u{202e}"
        );
        assert_eq!(
            json_in_html(r#"["</script>&","<!--"]"#),
            r#"["\u003c/script\u003e\u0026","\u003c!--"]"#
        );
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
            for shown in [
                plain(&text),
                markdown_code(&text),
                markdown_text(&text),
                csv(&text),
                json(&text.replace('\n', "")),
                yaml(&text),
                html(&text),
            ] {
                prop_assert!(!shown.chars().any(is_hidden), "{:?}", shown);
            }
            prop_assert!(!html(&text).contains(['<', '>', '"', '\'']));
        }
    }
}
