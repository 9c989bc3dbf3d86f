//! Turns changes of values into edits of the text that they are written in.

use super::edit::Edit;
use super::error::PatchError;
use super::flow::FlowStyle;
use super::layout::Layout;
use super::op::{At, Op};
use super::plan::Plan;
use super::value::{Notation, Value};
use crate::manifest::{Node, Span};

/// The edits that a plan comes to, in no order.
pub(super) fn edits(plan: &Plan) -> Result<Vec<Edit>, PatchError> {
    let root = plan.document.root();
    let Op::Within(steps) = &plan.op else {
        return Ok(Vec::new());
    };
    if plan.is_empty() {
        return Ok(Vec::new());
    }
    let layout = Layout {
        bytes: plan.document.source_bytes(),
    };
    let mut editor = Editor {
        layout,
        indentation: Indentation::of(root, layout),
        edits: Vec::new(),
    };
    let start = root.span().start.offset;
    let field = Field {
        node: root,
        path: String::new(),
        after: layout.line_start(start),
    };
    editor.within(&field, steps)?;
    Ok(editor.edits)
}

/// Collects edits.
pub(super) struct Editor<'a> {
    pub(super) layout: Layout<'a>,
    pub(super) indentation: Indentation,
    pub(super) edits: Vec<Edit>,
}

/// How far a document indents.
#[derive(Clone, Copy)]
pub(super) struct Indentation {
    /// The members of an object, from its key.
    pub(super) step: usize,
    /// The dashes of a list, from its key.
    pub(super) dash: usize,
}

/// A value with its path and the place that its anchors and tags may start at.
pub(super) struct Field<'a> {
    pub(super) node: Node<'a>,
    pub(super) path: String,
    pub(super) after: usize,
}

impl Field<'_> {
    /// The error of a value that can't be edited.
    pub(super) fn form(&self) -> PatchError {
        PatchError::Form {
            path: self.path.clone(),
            line: self.node.span().start.line,
        }
    }
}

/// A member of an object that stands in the object itself, rather than being merged into it.
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) key_span: Span,
    pub(super) value: Node<'a>,
    /// Just after its value.
    pub(super) end: usize,
}

/// A member that an object has to get.
pub(super) struct Insertion {
    pub(super) key: &'static str,
    pub(super) value: Value,
    /// A merge key brings one of the same name, which must not come later.
    pub(super) overrides: bool,
}

/// Where a new member goes.
pub(super) enum Spot {
    First,
    After(usize),
    End,
}

/// What to do with an object's members, apart from what has been done to their values.
pub(super) struct Members<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    /// Which of `entries` go.
    pub(super) removed: Vec<usize>,
    pub(super) insertions: Vec<Insertion>,
}

impl<'a> Editor<'a> {
    /// Changes parts of a list or object, which must not be an alias.
    pub(super) fn within(
        &mut self,
        field: &Field<'a>,
        steps: &[(At, Op)],
    ) -> Result<(), PatchError> {
        self.refuse_shared(field)?;
        let node = field.node;
        if node.is_sequence() {
            return self.within_list(field, steps);
        }
        if !node.is_mapping() {
            return Err(field.form());
        }
        if self.layout.at(node.span().start.offset) == Some(b'{') {
            let style = FlowStyle::of(self, node);
            let members = self.members(field, steps, Holder::Flow(&style))?;
            self.change_flow_members(field, &members, &style)
        } else {
            let column = self.block_column(node);
            let members = self.members(field, steps, Holder::Block(column))?;
            self.change_block_members(field, &members, column);
            Ok(())
        }
    }

    /// Refuses to change what an alias elsewhere stands for, too.
    pub(super) fn refuse_shared(&self, field: &Field<'_>) -> Result<(), PatchError> {
        let start = field.node.span().start;
        let (anchors, _) = self.layout.properties(field.after, start.offset);
        match anchors.iter().find(|name| self.layout.has_alias(name)) {
            None => Ok(()),
            Some(anchor) => Err(PatchError::Shared {
                path: if field.path.is_empty() {
                    "the object".to_owned()
                } else {
                    field.path.clone()
                },
                anchor: (*anchor).to_owned(),
                line: start.line,
            }),
        }
    }

    /// The column of an object's keys.
    pub(super) fn block_column(&self, node: Node<'_>) -> usize {
        let start = node.span().start.offset;
        let (_, first_key) = self.layout.properties(start, start);
        self.layout.column(first_key)
    }

    /// A scalar as it is to stand in place of an old one, in the same quotes.
    pub(super) fn scalar(&self, old: Span, value: &Value, notation: Notation) -> String {
        match (value, self.layout.at(old.start.offset)) {
            (Value::Quantity(text) | Value::Text(text), Some(b'\'')) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            (Value::Quantity(_) | Value::Text(_), Some(b'"')) => Notation::Json.scalar(value),
            _ => notation.scalar(value),
        }
    }

    fn within_list(&mut self, field: &Field<'a>, steps: &[(At, Op)]) -> Result<(), PatchError> {
        let items: Vec<Node<'a>> = field.node.items().collect();
        for (at, op) in steps {
            let At::Index(index) = *at else { continue };
            let Some(node) = items.get(index).copied() else {
                continue;
            };
            let after = match index.checked_sub(1) {
                Some(before) => items[before].span().end,
                None => field.node.span().start.offset,
            };
            let item = Field {
                node,
                path: format!("{}[{index}]", field.path),
                after,
            };
            match op {
                Op::Within(steps) if !node.is_alias() => self.within(&item, steps)?,
                _ => {
                    let old = Value::of(node).ok_or(PatchError::TooLarge)?;
                    let new = op.apply(Some(&old)).unwrap_or(Value::Null);
                    self.replace(node.span(), new.flow());
                }
            }
        }
        Ok(())
    }

    pub(super) fn replace(&mut self, old: Span, text: String) {
        self.edits.push(Edit {
            range: old.start.offset..old.end,
            text,
        });
    }

    /// Changes the values of members, and finds out which members have to come and go.
    fn members(
        &mut self,
        object: &Field<'a>,
        steps: &[(At, Op)],
        holder: Holder<'_>,
    ) -> Result<Members<'a>, PatchError> {
        let node = object.node;
        let entries = self.own_entries(node, &holder);
        let mut removed = Vec::new();
        let mut insertions = Vec::new();
        for (at, op) in steps {
            let At::Key(key) = *at else { continue };
            let Some(index) = entries.iter().position(|entry| entry.key == key) else {
                let merged = node.get(key);
                let old = merged.map(|old| Value::of(old).ok_or(PatchError::TooLarge));
                let old = old.transpose()?;
                let value = match op.apply(old.as_ref()) {
                    Some(value) => value,
                    None if old.is_some() => Value::Null,
                    None => continue,
                };
                insertions.push(Insertion {
                    key,
                    value,
                    overrides: old.is_some(),
                });
                continue;
            };
            let entry = &entries[index];
            let path = [object.path.as_str(), key];
            let field = Field {
                node: entry.value,
                path: path.join(if object.path.is_empty() { "" } else { "." }),
                after: entry.key_span.end,
            };
            match op {
                Op::Within(steps) if self.can_change_within(entry.value) => {
                    self.within(&field, steps)?;
                }
                Op::Remove if matches!(holder, Holder::Flow(_)) || self.starts_line(entry) => {
                    self.refuse_shared(&field)?;
                    removed.push(index);
                }
                _ => {
                    let old = Value::of(entry.value).ok_or(PatchError::TooLarge)?;
                    let value = op.apply(Some(&old)).unwrap_or(Value::Null);
                    match holder {
                        Holder::Flow(style) => {
                            self.set_in_flow(&field, entry, &value, style)?;
                        }
                        Holder::Block(column) => {
                            self.set_in_block(&field, entry, &value, column)?;
                        }
                    }
                }
            }
        }
        Ok(Members {
            entries,
            removed,
            insertions,
        })
    }

    /// Whether a value has members or items of its own that can be changed one by one.
    fn can_change_within(&self, node: Node<'_>) -> bool {
        let is_collection = node.is_mapping() || node.is_sequence();
        is_collection && !node.is_alias() && !self.is_empty_in_brackets(node)
    }

    pub(super) fn is_empty_in_brackets(&self, node: Node<'_>) -> bool {
        let Span { start, end } = node.span();
        let text = self.layout.text(start.offset, end);
        let inside = text.strip_prefix(['{', '[']);
        let inside = inside.and_then(|text| text.strip_suffix(['}', ']']));
        inside.is_some_and(|text| text.trim().is_empty())
    }

    /// Whether a list or object is written by indentation.
    pub(super) fn is_block(&self, node: Node<'_>) -> bool {
        let first = self.layout.at(node.span().start.offset);
        let is_object = node.is_mapping() && first != Some(b'{');
        let is_list = node.is_sequence() && first != Some(b'[');
        !node.is_alias() && (is_object || is_list)
    }

    fn starts_line(&self, entry: &Entry<'_>) -> bool {
        let start = entry.key_span.start.offset;
        self.layout.blanks_before(start).is_some()
    }

    fn own_entries(&self, node: Node<'a>, holder: &Holder<'_>) -> Vec<Entry<'a>> {
        let span = node.span();
        let keys = node.keys().zip(node.entries());
        let mut entries: Vec<Entry<'a>> = keys
            .filter(|((_, key_span), _)| {
                let start = key_span.start.offset;
                let is_inside = (span.start.offset..span.end).contains(&start);
                is_inside
                    && match holder {
                        Holder::Flow(_) => true,
                        Holder::Block(column) => self.layout.column(start) == *column,
                    }
            })
            .map(|((key, key_span), (_, value))| Entry {
                key,
                key_span,
                value,
                end: self.end_of(value, key_span.end),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span.start.offset);
        entries
    }

    /// Just after the last thing of a value. An absent value's place is that of whatever comes next, so that it counts as
    /// ending with the colon before it.
    pub(super) fn end_of(&self, node: Node<'_>, key_end: usize) -> usize {
        let span = node.span();
        if !self.is_block(node) {
            return if span.start.offset == span.end {
                self.layout.after_colon(key_end).unwrap_or(key_end)
            } else {
                span.end
            };
        }
        let own = |start: usize| (span.start.offset..span.end).contains(&start);
        let members = node.keys().zip(node.entries());
        let members = members
            .filter(|((_, key), _)| own(key.start.offset))
            .map(|((_, key), (_, value))| self.end_of(value, key.end));
        let items = node.items().map(|item| {
            let start = item.span().start.offset;
            self.end_of(item, start)
        });
        let end = members.chain(items).max().unwrap_or(span.start.offset);
        // A merge key may come last.
        if end < span.end && self.layout.has_content(end, span.end) {
            span.end
        } else {
            end
        }
    }
}

/// Members that stand before others.
const LATER: [(&str, &[&str]); 3] = [
    ("minReplicas", &["maxReplicas"]),
    ("minReplicaCount", &["maxReplicaCount"]),
    ("idleReplicaCount", &["minReplicaCount", "maxReplicaCount"]),
];

/// How the object is written that holds a value.
#[derive(Clone, Copy)]
enum Holder<'s> {
    /// By indentation, its keys in this column, from 0.
    Block(usize),
    Flow(&'s FlowStyle),
}

impl Members<'_> {
    pub(super) fn kept(&self) -> Vec<&Entry<'_>> {
        let entries = self.entries.iter().enumerate();
        let kept = entries.filter(|(index, _)| !self.removed.contains(index));
        kept.map(|(_, entry)| entry).collect()
    }
}

impl Insertion {
    /// Where it goes among the entries that are kept: in alphabetical order where they are in it, else by the order that
    /// the API's documentation has.
    pub(super) fn spot(&self, kept: &[&Entry<'_>]) -> Spot {
        if self.overrides || kept.is_empty() {
            return Spot::End;
        }
        let before = if kept.len() > 2 && kept.is_sorted_by_key(|entry| entry.key) {
            kept.iter().take_while(|entry| entry.key < self.key).count()
        } else if let Some(later) = LATER.iter().find(|(key, _)| *key == self.key) {
            let after = kept.iter().position(|entry| later.1.contains(&entry.key));
            after.unwrap_or(kept.len())
        } else {
            kept.len()
        };
        match before.checked_sub(1) {
            Some(last) => Spot::After(last),
            None => Spot::First,
        }
    }
}

impl Indentation {
    /// As the object itself does, or else as kubectl.
    fn of(root: Node<'_>, layout: Layout<'_>) -> Self {
        let mut found = Self { step: 2, dash: 0 };
        let mut has_dash = false;
        let mut has_step = false;
        let mut nodes = vec![root];
        while let Some(node) = nodes.pop() {
            let is_flow = layout.at(node.span().start.offset) == Some(b'{');
            if node.is_alias() || is_flow {
                continue;
            }
            let inside = node.span();
            for ((_, key), (_, value)) in node.keys().zip(node.entries()) {
                let start = value.span().start;
                if !(inside.start.offset..inside.end).contains(&key.start.offset)
                    || start.line <= key.start.line
                {
                    continue;
                }
                let deeper = start.column.checked_sub(key.start.column);
                let deeper = deeper.and_then(|columns| usize::try_from(columns).ok());
                let Some(deeper) = deeper.filter(|columns| *columns <= 8) else {
                    continue;
                };
                if value.is_sequence() && layout.at(start.offset) == Some(b'-') && !has_dash {
                    (found.dash, has_dash) = (deeper, true);
                }
                if value.is_mapping() && deeper > 0 && !has_step {
                    (found.step, has_step) = (deeper, true);
                }
                nodes.push(value);
            }
            // The first levels are looked at first; items of lists say nothing of steps.
            nodes.extend(node.items());
            if has_dash && has_step {
                break;
            }
        }
        found
    }
}
