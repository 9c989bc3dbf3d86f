//! `Markup`: HTML in the making. What is markup is known when the program is compiled; all else is escaped.

use crate::report::escape;

/// A piece of HTML.
#[derive(Debug, Default)]
pub(super) struct Markup {
    text: String,
}

impl Markup {
    /// Markup as it stands.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    /// Text, or the value of a quoted attribute.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.text.push_str(&escape::html(text));
        self
    }

    /// As [`text`](Self::text), for a name or value from a file, which may be of any length.
    pub(super) fn foreign(&mut self, text: &str) -> &mut Self {
        self.text(&escape::plain(text))
    }

    /// Text within an element that has no attributes: `element("td", …)`.
    pub(super) fn element(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.raw("<").raw(name).raw(">").text(text);
        self.raw("</").raw(name).raw(">")
    }

    /// A row of a table with a heading of its own.
    pub(super) fn row(
        &mut self,
        heading: &str,
        cells: impl IntoIterator<Item = String>,
    ) -> &mut Self {
        self.raw("<tr><th scope=\"row\">")
            .text(heading)
            .raw("</th>");
        for cell in cells {
            self.element("td", &cell);
        }
        self.raw("</tr>\n")
    }

    /// The head of a table whose first column needs none.
    pub(super) fn head(&mut self, names: impl IntoIterator<Item = String>) -> &mut Self {
        self.raw("<thead><tr><td></td>");
        for name in names {
            self.raw("<th scope=\"col\">").text(&name).raw("</th>");
        }
        self.raw("</tr></thead>\n")
    }

    /// A style or script element with content that the policy knows, or a block of JSON that is escaped for it.
    pub(super) fn embedded(&mut self, opening: &'static str, content: &str, closing: &'static str) {
        self.raw(opening);
        self.text.push_str(content);
        self.raw(closing);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_markup_of_the_program_is_markup() {
        let mut markup = Markup::default();
        markup.element("p", "a < b").raw("<p title=\"");
        markup.foreign("\"><script>").raw("\">");
        assert_eq!(
            markup.finish(),
            "<p>a &lt; b</p><p title=\"&quot;&gt;&lt;script&gt;\">"
        );
    }
}
