//! Edits of objects that are written in braces: JSON, and YAML's notation like it.

use super::edit::Edit;
use super::editor::{Editor, Entry, Field, Members, Spot};
use super::error::PatchError;
use super::value::{Notation, Value};
use crate::manifest::Node;

/// How an object in braces is written.
pub(super) struct FlowStyle {
    notation: Notation,
    /// No blank after colons and commas.
    is_tight: bool,
    /// Where each member has a line of its own.
    lines: Option<Lines>,
}

/// How members are put on lines of their own.
struct Lines {
    line_break: &'static str,
    /// What the members' lines start with.
    blanks: String,
    /// By how much that is more than the line around it has.
    step: String,
}

impl FlowStyle {
    pub(super) fn of(editor: &Editor<'_>, node: Node<'_>) -> Self {
        let layout = editor.layout;
        let span = node.span();
        let open = span.start.offset;
        let keys = node.keys().map(|(_, key)| key);
        let first = keys
            .filter(|key| (open..span.end).contains(&key.start.offset))
            .min_by_key(|key| key.start.offset);
        let notation = notation_of(layout.text(open, span.end));
        let after_colon = first.and_then(|key| layout.at(layout.after_colon(key.end)?));
        let is_tight = after_colon.is_some_and(|byte| !byte.is_ascii_whitespace());
        let lines = first
            .and_then(|key| layout.blanks_before(key.start.offset))
            .map(|blanks| {
                let outer = layout.indentation(open);
                let step = blanks.strip_prefix(outer).filter(|step| !step.is_empty());
                Lines {
                    line_break: layout.line_break(open),
                    blanks: blanks.to_owned(),
                    step: step.unwrap_or("  ").to_owned(),
                }
            });
        Self {
            notation,
            is_tight,
            lines,
        }
    }

    /// What stands between members, after the comma.
    fn gap(&self) -> String {
        match (&self.lines, self.is_tight) {
            (Some(lines), _) => format!("{}{}", lines.line_break, lines.blanks),
            (None, true) => String::new(),
            (None, false) => " ".to_owned(),
        }
    }

    fn member(&self, key: &str, value: &Value) -> String {
        let blanks = self.lines.as_ref().map_or("", |lines| &lines.blanks);
        self.member_at(key, value, blanks)
    }

    fn member_at(&self, key: &str, value: &Value, blanks: &str) -> String {
        let blank = if self.is_tight { "" } else { " " };
        format!(
            "{}:{blank}{}",
            self.notation.key(key),
            self.text(value, blanks)
        )
    }

    /// A value that starts on a line with these blanks.
    fn text(&self, value: &Value, blanks: &str) -> String {
        let inner = match &self.lines {
            Some(lines) => format!("{blanks}{}", lines.step),
            None => String::new(),
        };
        let (brackets, parts): (_, Vec<String>) = match value {
            Value::List(items) if !items.is_empty() => (
                ["[", "]"],
                items.iter().map(|item| self.text(item, &inner)).collect(),
            ),
            Value::Object(members) if !members.is_empty() => (
                ["{", "}"],
                members
                    .iter()
                    .map(|(key, value)| self.member_at(key, value, &inner))
                    .collect(),
            ),
            scalar => return self.notation.scalar(scalar),
        };
        let [open, close] = brackets;
        match &self.lines {
            Some(Lines { line_break, .. }) => {
                let parts = parts.join(&format!(",{line_break}{inner}"));
                format!("{open}{line_break}{inner}{parts}{line_break}{blanks}{close}")
            }
            None => format!("{open}{}{close}", parts.join(&format!(",{}", self.gap()))),
        }
    }
}

/// Whether keys stand in double quotes, as the first of a text in brackets does.
pub(super) fn notation_of(text: &str) -> Notation {
    let inside = text.trim_start_matches(['{', '[', ' ', '\t', '\r', '\n']);
    if inside.starts_with('"') {
        Notation::Json
    } else {
        Notation::Yaml
    }
}

impl<'a> Editor<'a> {
    /// Removes and inserts members of an object in braces.
    pub(super) fn change_flow_members(
        &mut self,
        object: &Field<'a>,
        members: &Members<'a>,
        style: &FlowStyle,
    ) -> Result<(), PatchError> {
        self.remove_from_flow(members);
        let kept = members.kept();
        let mut inserted_alone = false;
        for insertion in &members.insertions {
            let member = style.member(insertion.key, &insertion.value);
            let (at, text) = match insertion.spot(&kept) {
                Spot::First => (
                    kept[0].key_span.start.offset,
                    format!("{member},{}", style.gap()),
                ),
                Spot::After(index) => (kept[index].end, format!(",{}{member}", style.gap())),
                Spot::End if members.entries.is_empty() || !kept.is_empty() => {
                    let (end, has_comma) = self.last_content(object)?;
                    let comma = if has_comma { "" } else { "," };
                    (end, format!("{comma}{}{member}", style.gap()))
                }
                Spot::End => {
                    // All members went: the new ones take the place of the first.
                    let comma = if inserted_alone {
                        style.gap()
                    } else {
                        String::new()
                    };
                    let comma = if inserted_alone {
                        format!(",{comma}")
                    } else {
                        comma
                    };
                    inserted_alone = true;
                    (
                        members.entries[0].key_span.start.offset,
                        format!("{comma}{member}"),
                    )
                }
            };
            self.edits.push(Edit::insert(at, text));
        }
        Ok(())
    }

    /// Gives a member of such an object another value.
    pub(super) fn set_in_flow(
        &mut self,
        field: &Field<'a>,
        entry: &Entry<'a>,
        value: &Value,
        style: &FlowStyle,
    ) -> Result<(), PatchError> {
        if !field.node.is_alias() {
            self.refuse_shared(field)?;
        }
        let span = field.node.span();
        let text = if value.is_collection() {
            let blanks = match &style.lines {
                Some(_) => self.layout.indentation(entry.key_span.start.offset),
                None => "",
            };
            style.text(value, blanks)
        } else {
            self.scalar(span, value, style.notation)
        };
        if span.start.offset == span.end {
            let colon = self.layout.after_colon(field.after);
            let colon = colon.ok_or_else(|| field.form())?;
            self.edits.push(Edit::insert(colon, format!(" {text}")));
        } else {
            self.replace(span, text);
        }
        Ok(())
    }

    /// Takes members out, each with one comma.
    fn remove_from_flow(&mut self, members: &Members<'a>) {
        let entries = &members.entries;
        let last_kept = (0..entries.len())
            .rev()
            .find(|index| !members.removed.contains(index));
        let is_tail = |index: usize| last_kept.is_none_or(|kept| index > kept);
        for index in &members.removed {
            if !is_tail(*index) {
                let start = entries[*index].key_span.start.offset;
                let next = entries[index + 1].key_span.start.offset;
                self.edits.push(Edit::delete(start..next));
            }
        }
        let Some(last) = entries
            .last()
            .filter(|_| members.removed.iter().any(|index| is_tail(*index)))
        else {
            return;
        };
        let start = match last_kept {
            Some(kept) => entries[kept].end,
            None => entries[0].key_span.start.offset,
        };
        self.edits.push(Edit::delete(start..last.end));
    }

    /// Just after the last thing inside braces, and whether that is a comma or the brace.
    fn last_content(&self, object: &Field<'_>) -> Result<(usize, bool), PatchError> {
        let span = object.node.span();
        let inside = self.layout.text(span.start.offset, span.end);
        let inside = inside.strip_suffix('}').ok_or_else(|| object.form())?;
        let content = inside.trim_end();
        let end = span.start.offset + content.len();
        Ok((end, content.ends_with(['{', ','])))
    }
}

#[cfg(test)]
mod tests {
    use crate::advice::patch::testing::{behavior, check};
    use crate::hpa::{HpaSpec, SelectPolicy};

    const JSON: &str = r#"{
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "a"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
        "maxReplicas": 5
    }
}"#;

    fn stop(wanted: &mut HpaSpec) {
        wanted.min_replicas = 2;
        behavior(wanted).scale_down.select_policy = SelectPolicy::Disabled;
    }

    #[test]
    fn json_gets_members_on_lines_of_their_own_if_it_has_them() {
        check(
            JSON,
            stop,
            &JSON.replace(
                "\"maxReplicas\": 5",
                "\"minReplicas\": 2,\n        \"maxReplicas\": 5,\n        \"behavior\": {\n            \"scaleDown\": {\n                \
                 \"selectPolicy\": \"Disabled\"\n            }\n        }",
            ),
        );
        let tight = JSON.replace([' ', '\n'], "");
        check(
            &tight,
            stop,
            &tight.replace(
                "\"maxReplicas\":5",
                "\"minReplicas\":2,\"maxReplicas\":5,\"behavior\":{\"scaleDown\":{\"selectPolicy\":\"Disabled\"}}",
            ),
        );
    }

    #[test]
    fn yaml_in_braces_stays_in_braces() {
        let text = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, \
                    spec: {maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: a, apiVersion: apps/v1}, behavior: }} # end\n";
        check(
            text,
            stop,
            &text
                .replace("{maxReplicas", "{minReplicas: 2, maxReplicas")
                .replace(
                    "behavior: ",
                    "behavior: {scaleDown: {selectPolicy: Disabled}} ",
                ),
        );
    }

    #[test]
    fn a_member_that_goes_takes_one_comma_along() {
        let text = JSON.replace(
            "5\n",
            "5, \"behavior\": {\"scaleUp\": {\"tolerance\": \"0.1\", \"selectPolicy\": \"Min\"}}\n",
        );
        check(
            &text,
            |wanted| behavior(wanted).scale_up.tolerance = None,
            &text.replace("\"tolerance\": \"0.1\", ", ""),
        );
        check(&text, |wanted| wanted.behavior = None, JSON);
    }
}
