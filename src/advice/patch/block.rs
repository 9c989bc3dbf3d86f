//! Edits of objects that are written by indentation.

use super::edit::Edit;
use super::editor::{Editor, Entry, Field, Members, Spot};
use super::error::PatchError;
use super::flow;
use super::value::{Notation, Value};
use crate::manifest::Node;

impl<'a> Editor<'a> {
    /// Removes and inserts members of an object whose keys stand in a column.
    pub(super) fn change_block_members(
        &mut self,
        object: &Field<'a>,
        members: &Members<'a>,
        column: usize,
    ) {
        for index in &members.removed {
            let entry = &members.entries[*index];
            let start = self.layout.line_start(entry.key_span.start.offset);
            let end = self.layout.next_line(entry.end);
            self.edits.push(Edit::delete(start..end));
        }
        let kept = members.kept();
        let notation = self.notation(members.entries.first());
        for insertion in &members.insertions {
            let lines = self.member_lines(column, &notation.key(insertion.key), &insertion.value);
            match insertion.spot(&kept) {
                Spot::First
                    if self
                        .layout
                        .blanks_before(kept[0].key_span.start.offset)
                        .is_some() =>
                {
                    let at = self.above_comments(kept[0].key_span.start.offset, column);
                    let line_break = self.layout.line_break(at);
                    let text = joined(&lines, line_break);
                    self.edits.push(Edit::insert(at, text));
                }
                Spot::First => self.insert_lines(kept[0].end, &lines),
                Spot::After(index) => self.insert_lines(kept[index].end, &lines),
                Spot::End => {
                    let end = self.end_of(object.node, object.after);
                    self.insert_lines(end, &lines);
                }
            }
        }
    }

    /// Gives a member of such an object another value.
    pub(super) fn set_in_block(
        &mut self,
        field: &Field<'a>,
        entry: &Entry<'a>,
        value: &Value,
        column: usize,
    ) -> Result<(), PatchError> {
        let node = field.node;
        if !node.is_alias() {
            self.refuse_shared(field)?;
        }
        let span = node.span();
        let is_absent = span.start.offset == span.end;
        let in_brackets = matches!(self.layout.at(span.start.offset), Some(b'{' | b'['));
        let colon = self.layout.after_colon(field.after);
        let colon = colon.ok_or_else(|| field.form())?;
        if self.is_block(node) {
            return self.replace_block(field, entry, value, column);
        }
        if !value.is_collection() {
            let text = self.scalar(span, value, Notation::Yaml);
            if is_absent {
                self.edits.push(Edit::insert(colon, format!(" {text}")));
            } else {
                self.replace(span, text);
            }
            return Ok(());
        }
        let stays_in_brackets = in_brackets && !node.is_alias() && !self.is_empty_in_brackets(node);
        if stays_in_brackets {
            let notation = flow::notation_of(self.layout.text(span.start.offset, span.end));
            let text = match notation {
                Notation::Yaml => value.flow(),
                Notation::Json => value.json(),
            };
            self.replace(span, text);
            return Ok(());
        }
        // The placeholder goes, and the value comes below its line.
        let lines = self.member_lines(column, "", value);
        if is_absent {
            self.insert_lines(colon, &lines[1..]);
        } else {
            let blanks = self.layout.text(colon, span.start.offset);
            let blanks = blanks.len() - blanks.trim_end_matches([' ', '\t']).len();
            self.edits
                .push(Edit::delete(span.start.offset - blanks..span.end));
            self.insert_lines(span.end, &lines[1..]);
        }
        Ok(())
    }

    /// Puts a value in place of a list or object that is written by indentation.
    fn replace_block(
        &mut self,
        field: &Field<'a>,
        entry: &Entry<'a>,
        value: &Value,
        column: usize,
    ) -> Result<(), PatchError> {
        let start = self.start_of_block(field.node);
        let first_line = self.layout.line_start(start);
        if self.layout.blanks_before(start).is_none() {
            return Err(field.form());
        }
        if value.is_collection() {
            let depth = self.layout.column(start);
            let lines = match value {
                Value::List(items) => items
                    .iter()
                    .flat_map(|it| self.item_lines(depth, it))
                    .collect(),
                _ => self.member_lines(column, "", value).split_off(1),
            };
            let line_break = self.layout.line_break(first_line);
            let mut text = joined(&lines, line_break);
            let end = self.layout.next_line(entry.end);
            if !self.layout.bytes[..end].ends_with(b"\n") {
                text.truncate(text.len() - line_break.len());
            }
            self.edits.push(Edit {
                range: first_line..end,
                text,
            });
        } else {
            let colon = self.layout.after_colon(field.after);
            let colon = colon.ok_or_else(|| field.form())?;
            let text = format!(" {}", Notation::Yaml.scalar(value));
            self.edits.push(Edit::insert(colon, text));
            let end = self.layout.next_line(entry.end);
            self.edits.push(Edit::delete(first_line..end));
        }
        Ok(())
    }

    /// Where a list or object that is written by indentation starts: a list at its first dash, which its place may leave
    /// out.
    fn start_of_block(&self, node: Node<'_>) -> usize {
        let start = node.span().start.offset;
        let Some(first) = node.items().next() else {
            return start;
        };
        let mut before = self.layout.text(0, first.span().start.offset);
        loop {
            before = before.trim_end();
            if before.ends_with('-') {
                return before.len() - 1;
            }
            let word = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
            if !before[word..].starts_with(['&', '!']) {
                return start;
            }
            before = &before[..word];
        }
    }

    /// A member and what is in it, a line each.
    fn member_lines(&self, column: usize, key: &str, value: &Value) -> Vec<String> {
        let blanks = " ".repeat(column);
        if !value.is_collection() {
            return vec![format!("{blanks}{key}: {}", Notation::Yaml.scalar(value))];
        }
        let mut lines = vec![format!("{blanks}{key}:")];
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    let key = Notation::Yaml.key(key);
                    lines.extend(self.member_lines(column + self.indentation.step, &key, value));
                }
            }
            Value::List(items) => {
                for item in items {
                    lines.extend(self.item_lines(column + self.indentation.dash, item));
                }
            }
            _ => {}
        }
        lines
    }

    /// An item of a list, its dash in a column.
    fn item_lines(&self, column: usize, item: &Value) -> Vec<String> {
        let blanks = " ".repeat(column);
        let Value::Object(members) = item else {
            return vec![format!("{blanks}- {}", item.flow())];
        };
        let members = members.iter();
        let mut lines: Vec<String> = members
            .flat_map(|(key, value)| self.member_lines(column + 2, &Notation::Yaml.key(key), value))
            .collect();
        match lines.first_mut() {
            Some(first) => first.replace_range(column..=column, "-"),
            None => lines.push(format!("{blanks}- {{}}")),
        }
        lines
    }

    /// Keys in double quotes ask for more of them.
    fn notation(&self, entry: Option<&Entry<'_>>) -> Notation {
        let first = entry.and_then(|entry| self.layout.at(entry.key_span.start.offset));
        match first {
            Some(b'"') => Notation::Json,
            _ => Notation::Yaml,
        }
    }

    /// Inserts lines after the line of a place.
    fn insert_lines(&mut self, at: usize, lines: &[String]) {
        let next = self.layout.next_line(at);
        let line_break = self.layout.line_break(at);
        let text = if self.layout.bytes[..next].ends_with(b"\n") {
            joined(lines, line_break)
        } else {
            format!("{line_break}{}", lines.join(line_break))
        };
        self.edits.push(Edit::insert(next, text));
    }

    /// The start of a key's line, or of the first of the comments that stand over it in the same column.
    fn above_comments(&self, key_start: usize, column: usize) -> usize {
        let mut start = self.layout.line_start(key_start);
        while start > 0 {
            let above = self.layout.line_start(start - 1);
            let line = self.layout.text(above, start);
            let blanks = line.len() - line.trim_start_matches(' ').len();
            if above >= start || blanks != column || !line[blanks..].starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }
}

fn joined(lines: &[String], line_break: &str) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push_str(line_break);
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::advice::patch::testing::{self, HEAD, behavior};
    use crate::hpa::{HpaSpec, SelectPolicy};
    use crate::units::SimDuration;

    const TARGET: &str = "  scaleTargetRef: {kind: Deployment, name: a, apiVersion: apps/v1}\n";

    /// Checks what the lines behind `scaleTargetRef` become.
    #[track_caller]
    fn check(before: &str, change: impl FnOnce(&mut HpaSpec), after: &str) {
        let text = |spec: &str| format!("{HEAD}spec:\n{TARGET}{spec}");
        testing::check(&text(before), change, &text(after));
    }

    fn slow_down(wanted: &mut HpaSpec) {
        behavior(wanted).scale_down.stabilization_window = Some(SimDuration::from_seconds(60));
    }

    #[test]
    fn only_the_number_changes() {
        check(
            "  maxReplicas:   5   # five\n\n# end",
            |wanted| wanted.max_replicas = 7,
            "  maxReplicas:   7   # five\n\n# end",
        );
        check(
            "  maxReplicas: !!int 5",
            |wanted| wanted.max_replicas = 7,
            "  maxReplicas: !!int 7",
        );
    }

    #[test]
    fn an_absent_minimum_comes_before_the_maximum_and_its_comments() {
        check(
            "  # not more\n  maxReplicas: 5",
            |wanted| wanted.min_replicas = 2,
            "  minReplicas: 2\n  # not more\n  maxReplicas: 5",
        );
    }

    #[test]
    fn only_what_is_no_default_is_written() {
        check(
            "  maxReplicas: 5",
            slow_down,
            "  maxReplicas: 5\n  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 60",
        );
        check(
            "  maxReplicas: 5\n  behavior: {} # none\n",
            slow_down,
            "  maxReplicas: 5\n  behavior: # none\n    scaleDown:\n      stabilizationWindowSeconds: 60\n",
        );
        check(
            "  maxReplicas: 5\n",
            |wanted| {
                behavior(wanted);
            },
            "  maxReplicas: 5\n  behavior: {}\n",
        );
    }

    #[test]
    fn a_list_of_policies_is_replaced_only_where_their_number_changes() {
        let rules = "  maxReplicas: 5\n  behavior:\n      scaleUp:\n          # why\n          policies: # fast\n            \
             - type: Pods # pods\n              value: 2\n              periodSeconds: 30\n          selectPolicy: Min\n";
        check(
            rules,
            |wanted| behavior(wanted).scale_up.policies[0].value = 3,
            &rules.replace("value: 2", "value: 3"),
        );
        check(
            rules,
            |wanted| {
                let policies = &mut behavior(wanted).scale_up.policies;
                policies.push(policies[0]);
            },
            &rules.replace(" # pods", "").replace(
                "periodSeconds: 30\n",
                "periodSeconds: 30\n            - type: Pods\n              value: 2\n              periodSeconds: 30\n",
            ),
        );
    }

    #[test]
    fn a_field_that_goes_takes_its_line_along() {
        let rules = "  maxReplicas: 5\n  behavior:\n    scaleDown:\n      selectPolicy: Min\n      tolerance: 0.2 # much\n    scaleUp: {}\n";
        check(
            rules,
            |wanted| behavior(wanted).scale_down.tolerance = None,
            &rules.replace("      tolerance: 0.2 # much\n", ""),
        );
        check(rules, |wanted| wanted.behavior = None, "  maxReplicas: 5\n");
    }

    #[test]
    fn merged_fields_are_overridden_beside_the_merge() {
        let anchor = "  x: &rules {scaleUp: {selectPolicy: Min}}\n  maxReplicas: 5\n";
        check(
            &format!("{anchor}  behavior:\n    <<: *rules\n"),
            |wanted| behavior(wanted).scale_up.select_policy = SelectPolicy::Disabled,
            &format!(
                "{anchor}  behavior:\n    <<: *rules\n    scaleUp:\n      selectPolicy: Disabled\n"
            ),
        );
        check(
            &format!("{anchor}  behavior: *rules\n"),
            |wanted| behavior(wanted).scale_up.select_policy = SelectPolicy::Disabled,
            &format!("{anchor}  behavior:\n    scaleUp:\n      selectPolicy: Disabled\n"),
        );
    }

    #[test]
    fn line_ends_and_marks_stay_as_they_are() {
        let text = format!("\u{feff}{HEAD}spec:\n{TARGET}  maxReplicas: 5").replace('\n', "\r\n");
        testing::check(
            &text,
            |wanted| wanted.min_replicas = 2,
            &text.replace("  max", "  minReplicas: 2\r\n  max"),
        );
    }
}
