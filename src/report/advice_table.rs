//! Advice as text for a terminal or a log.

use comfy_table::{Cell, ColumnConstraint};

use super::advice_figures::FIGURES;
use super::advice_front;
use super::advice_input::{AdviceReport, PartView};
use super::advice_sentences as told;
use super::assumption_table;
use super::escape;
use super::format::{self, BandText, Unit};
use super::input::{Colour, Detail};
use super::layout::{blocks, flush_left, page_width, plain_table, wrap};
use super::paint::{Tone, faint_bands, paint};
use super::sentences::{self, runs};
use super::subject::Subject;
use crate::advice::{ChangeAdvice, Conclusion, Figures, Standing};

/// Points of the front where not all are asked for.
const FRONT_NORMAL: usize = 8;
/// A space at which no line is broken.
const KEPT_SPACE: &str = "\u{a0}";
/// Units that stay beside their number where a line ends.
const UNITS: [&str; 10] = [
    "s",
    "ms",
    "min",
    "h",
    "d",
    "pp",
    "runs",
    "replicas",
    "replica-h",
    "replica-hours",
];

/// Advice as text: what to do, why, what it buys and costs, what cannot be concluded, and the patch: `-o table` and
/// `-o wide`.
///
/// `width` is the terminal's, in columns; `None` where there is no terminal. The patch's lines are as long as the
/// manifest's.
#[must_use]
pub fn advice_table(
    report: &AdviceReport,
    detail: Detail,
    width: Option<u16>,
    colour: Colour,
) -> String {
    let width = page_width(width);
    let page = Page {
        report,
        detail,
        width,
        colour,
    };
    let mut parts = vec![page.answers(), page.played()];
    for view in report.parts() {
        parts.extend(page.part(&view));
    }
    parts.extend([
        page.limitations(),
        page.searched(),
        assumption_table::lines(&report.scenario.assumptions, detail, width, colour),
        assumption_table::warnings(&report.scenario.warnings, width, colour),
        page.closing(),
        page.patch(),
    ]);
    blocks(&parts)
}

/// What every part of the text depends on.
struct Page<'a> {
    report: &'a AdviceReport<'a>,
    detail: Detail,
    width: u16,
    colour: Colour,
}

/// One column of standings.
struct Column<'a> {
    title: &'static str,
    standing: &'a Standing,
}

impl Page<'_> {
    /// What to do, on each backend.
    fn answers(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for view in self.report.parts() {
            let (mark, tone) = match view.part.conclusion {
                Conclusion::NothingMeets(_) => ("✗", Tone::Bad),
                Conclusion::Keep | Conclusion::Change
                    if !told::doubts(self.report, &view).is_empty() =>
                {
                    ("?", Tone::Doubtful)
                }
                Conclusion::Keep | Conclusion::Change => ("✓", Tone::Good),
            };
            let sentence = told::answer(self.report, &view, escape::plain);
            let wrapped = wrap_whole(&sentence, self.width - 2, 0);
            for (index, line) in wrapped.iter().enumerate() {
                let margin = if index == 0 { mark } else { " " };
                let tone_of_line = if view.is_chosen {
                    Tone::Heading
                } else {
                    Tone::Normal
                };
                lines.push(format!(
                    "{} {}",
                    self.paint(margin, tone),
                    self.paint(line, tone_of_line)
                ));
            }
        }
        lines.extend(assumption_table::cautions(
            &self.report.scenario.cautions,
            self.width,
            self.colour,
        ));
        for finding in self.report.along {
            let sentence = told::along(finding, escape::plain);
            for line in wrap_whole(&sentence, self.width - 2, 0) {
                lines.push(format!("  {}", self.paint(&line, Tone::Doubtful)));
            }
        }
        if self.report.patch.is_some() {
            lines.push(self.paint(
                "  The change to the file is at the end, as a diff.",
                Tone::Faint,
            ));
        }
        lines
    }

    /// What the answer rests on.
    fn played(&self) -> Vec<String> {
        let subject = Subject::of(self.report.scenario);
        let mut texts = vec![
            sentences::autoscaler(&subject, escape::plain),
            sentences::workload(&subject, escape::plain),
        ];
        texts.extend(sentences::disturbances(&subject, escape::plain));
        texts.push(format!("Objective: {}", told::objective(self.report)));
        texts.push(told::split(self.report));
        let lines = texts
            .iter()
            .flat_map(|text| wrap_whole(text, self.width, 2));
        lines.collect()
    }

    /// Everything about one part.
    fn part(&self, view: &PartView) -> Vec<Vec<String>> {
        let mut parts = Vec::new();
        if self.report.advice.parts.len() > 1 {
            let short = told::short_answer(view, escape::plain);
            let mut title = wrap(&format!("── {short} "), self.width, 3);
            if let Some(last) = title.last_mut() {
                let room = usize::from(self.width).saturating_sub(last.chars().count());
                last.push_str(&"─".repeat(room));
            }
            let painted = title.iter().map(|line| self.paint(line, Tone::Heading));
            parts.push(painted.collect());
        }
        parts.extend([
            self.settings(view),
            self.effects(view),
            self.standings(view),
            self.front(view),
            self.nines(view),
            self.theory(view),
        ]);
        parts
    }

    /// Each setting now and advised; all of them where wide.
    fn settings(&self, view: &PartView) -> Vec<String> {
        let advised = view.best_name();
        let mut rows: Vec<Vec<String>> = Vec::new();
        for change in &view.part.changes {
            rows.push(vec![
                format!("  {}", self.report.knob_label(change.knob, escape::plain)),
                self.report.value_text(change.knob, &change.from),
                self.report.value_text(change.knob, &change.to),
            ]);
        }
        if self.detail == Detail::Wide {
            for axis in &self.report.advice.lattice.axes {
                let is_changed = |change: &ChangeAdvice| change.knob == axis.knob;
                let value = axis.values.get(axis.present);
                if let (false, Some(value)) = (view.part.changes.iter().any(is_changed), value) {
                    rows.push(vec![
                        format!("  {}", self.report.knob_label(axis.knob, escape::plain)),
                        self.report.value_text(axis.knob, value),
                        "as it is".to_owned(),
                    ]);
                }
            }
        }
        if rows.is_empty() {
            return Vec::new();
        }
        self.table(&["Settings", "now", advised], &rows)
    }

    /// What each change does by itself, and what the advised settings are without it.
    fn effects(&self, view: &PartView) -> Vec<String> {
        let part = view.part;
        if part.changes.len() < 2 {
            return Vec::new();
        }
        let (now, best) = (&part.now.tuned.figures, &part.best.tuned.figures);
        let mut figures: Vec<(String, &Figures, Option<&Figures>)> =
            vec![("  as it is".to_owned(), now, None)];
        let label = |knob| self.report.knob_label(knob, escape::plain);
        for change in &part.changes {
            let text = format!("    {} alone", label(change.knob));
            figures.extend(change.alone.as_ref().map(|alone| (text, alone, Some(now))));
        }
        let all = match part.conclusion {
            Conclusion::NothingMeets(_) => "  with all of them",
            Conclusion::Keep | Conclusion::Change => "  as advised",
        };
        figures.push((all.to_owned(), best, None));
        for change in &part.changes {
            let text = format!("    all but {}", label(change.knob));
            figures.extend(
                change
                    .without
                    .as_ref()
                    .map(|without| (text, without, Some(best))),
            );
        }
        let change = |from: Option<f64>, to: f64, unit| {
            from.map_or_else(String::new, |from| format::difference(to - from, unit))
        };
        // What the heading says is left out: the table is to fit narrow pages.
        let bare = |hours: String| hours.replace(" replica-h", "");
        let reversals = |figures: &Figures| figures.reversals.median;
        let calms = |(_, of, beside): &(String, &Figures, Option<&Figures>)| {
            beside.is_some_and(|beside| (reversals(of) - reversals(beside)).abs() >= 0.5)
        };
        // Some changes buy nothing but calm.
        let tells_of_calm = figures.iter().any(calms);
        let rows: Vec<Vec<String>> = figures
            .into_iter()
            .map(|(label, of, beside)| {
                let spent = |figures: &Figures| figures.must_hold * 100.0;
                let hours = |figures: &Figures| figures.replica_hours.median;
                let mut row = vec![
                    label,
                    format::number(spent(of), Unit::Percent),
                    change(beside.map(spent), spent(of), Unit::PercentagePoints),
                    bare(format::number(hours(of), Unit::ReplicaHours)),
                    bare(change(beside.map(hours), hours(of), Unit::ReplicaHours)),
                ];
                if tells_of_calm {
                    row.push(format!("{:.1}", reversals(of)));
                }
                row
            })
            .collect();
        let title = "What each change does, on the part tuned on: error budget spent in the worst run that counts, and \
                     replica-hours a day";
        let title = if tells_of_calm {
            format!("{title}, and reversals a day")
        } else {
            title.to_owned()
        };
        let mut header = vec!["", "spent", "change", "a day", "change"];
        if tells_of_calm {
            header.push("reversals");
        }
        let title = wrap(&title, self.width, 2).into_iter();
        let mut lines: Vec<String> = title.map(|line| self.paint(&line, Tone::Heading)).collect();
        lines.extend(self.table(&header, &right_aligned(rows)));
        lines
    }

    /// Every figure, now and advised, tuned and held out.
    fn standings(&self, view: &PartView) -> Vec<String> {
        let part = view.part;
        let is_same = part.now.candidate == part.best.candidate;
        let advised = view.best_name();
        let columns = |now, best| {
            let mut columns = vec![Column {
                title: "now",
                standing: now,
            }];
            if !is_same {
                columns.push(Column {
                    title: advised,
                    standing: best,
                });
            }
            columns
        };
        let tuned = columns(&part.now.tuned, &part.best.tuned);
        let stretches = match (&part.now.held_out, &part.best.held_out) {
            (Some(now), Some(best)) => vec![
                ("Part tuned on", tuned),
                ("Part held out", columns(now, best)),
            ],
            _ => vec![("The whole trace", tuned)],
        };
        let mut lines = Vec::new();
        for (title, columns) in stretches {
            lines.extend(self.standing_table(title, &columns));
            lines.push(String::new());
        }
        let confidence = told::confidence(self.report, view);
        lines.extend(wrap_whole(&confidence, self.width, 2));
        lines
    }

    fn standing_table(&self, title: &str, columns: &[Column]) -> Vec<String> {
        let mut header = vec![title];
        header.extend(columns.iter().map(|column| column.title));
        let mut rows: Vec<Vec<String>> = vec![vec!["  objective held".to_owned()]];
        let labels = FIGURES.iter().map(|figure| format!("  {}", figure.label));
        rows.extend(labels.map(|label| vec![label]));
        for column in columns {
            let standing = column.standing;
            let mark = if standing.holds { "✓" } else { "✗" };
            let held = BandText {
                median: format::count(f64::from(standing.held_runs)),
                unit: "",
                band: None,
            };
            let mut texts = vec![held];
            texts.extend(
                FIGURES
                    .iter()
                    .map(|figure| format::band(&figure.of(&standing.figures), figure.unit)),
            );
            let widest = texts.iter().map(|text| text.median.chars().count()).max();
            for (row, text) in rows.iter_mut().zip(texts) {
                let room = widest.unwrap_or(0) - text.median.chars().count();
                row.push(format!("{}{}", " ".repeat(room), text.joined()));
            }
            if let Some(cell) = rows[0].last_mut() {
                *cell = format!("{cell} of {} {mark}", runs(standing.runs));
            }
        }
        self.table(&header, &rows)
    }

    fn front(&self, view: &PartView) -> Vec<String> {
        let most = match self.detail {
            Detail::Normal => FRONT_NORMAL,
            Detail::Wide => usize::MAX,
        };
        let shown = advice_front::shown(self.report, view, most);
        if shown.is_empty() {
            return Vec::new();
        }
        let rows: Vec<Vec<String>> = shown
            .iter()
            .map(|point| {
                vec![
                    format::number(point.replica_hours, Unit::ReplicaHours),
                    format::number(point.budget_spent * 100.0, Unit::Percent),
                    advice_front::remark(self.report, view, point),
                    with_units(&self.report.settings_text(&point.candidate, escape::plain)),
                ]
            })
            .collect();
        let mut lines = vec![self.paint(
            "Cost against objective: what no other settings tried beat",
            Tone::Heading,
        )];
        let rows = right_aligned_from(rows, 0, 2);
        lines.extend(self.table(
            &["  a day", "worst that counts", "", "settings"],
            &indented(rows),
        ));
        let hidden = view.part.front.len() - shown.len();
        if hidden > 0 {
            lines.push(self.paint(&format!("  and {hidden} more: -o wide"), Tone::Faint));
        }
        lines
    }

    fn nines(&self, view: &PartView) -> Vec<String> {
        let nines = &view.part.nines;
        if nines.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.paint("What each further nine costs", Tone::Heading)];
        for text in told::nines(self.report, nines, escape::plain) {
            lines.extend(self.item(&text));
        }
        lines
    }

    fn theory(&self, view: &PartView) -> Vec<String> {
        let gaps = &view.part.theory_gaps;
        if gaps.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.paint("Where search and theory differ", Tone::Heading)];
        for gap in gaps {
            lines.extend(self.item(&told::theory_gap(self.report, gap, escape::plain)));
        }
        lines
    }

    fn limitations(&self) -> Vec<String> {
        let limitations = &self.report.advice.limitations;
        if limitations.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.paint("What cannot be concluded", Tone::Heading)];
        for limitation in limitations {
            let text = told::limitation(self.report, limitation, escape::plain);
            for line in self.item(&text) {
                lines.push(self.paint(&line, Tone::Doubtful));
            }
        }
        lines
    }

    fn searched(&self) -> Vec<String> {
        let mut lines = vec![self.paint("What was searched", Tone::Heading)];
        let axes = &self.report.advice.lattice.axes;
        if !axes.is_empty() {
            let ranges: Vec<String> = axes
                .iter()
                .map(|axis| {
                    let label = self.report.knob_label(axis.knob, escape::plain);
                    match (self.detail, axis.values.first(), axis.values.last()) {
                        (Detail::Wide, Some(first), Some(last)) if axis.values.len() > 1 => {
                            format!(
                                "{label} {} values from {} to {}",
                                axis.values.len(),
                                self.report.value_text(axis.knob, first),
                                self.report.value_text(axis.knob, last)
                            )
                        }
                        _ => format!("{label} {}", axis.values.len()),
                    }
                })
                .collect();
            let text = match self.detail {
                Detail::Wide => format!("{}.", ranges.join("; ")),
                Detail::Normal => format!("Values of each setting: {}.", ranges.join(", ")),
            };
            lines.extend(self.item(&text));
        }
        for view in self.report.parts() {
            let text = told::searched(self.report, &view, escape::plain);
            lines.extend(self.item(&text));
        }
        lines
    }

    fn closing(&self) -> Vec<String> {
        let text = sentences::provenance(
            &Subject::of(self.report.scenario),
            self.report.followed_version,
            escape::plain,
        );
        let reading = sentences::reading(self.report.advice.runs);
        let lines = [reading, text].into_iter();
        lines
            .flat_map(|text| wrap(&text, self.width, 0))
            .map(|line| self.paint(&line, Tone::Faint))
            .collect()
    }

    fn patch(&self) -> Vec<String> {
        let Some(patch) = self.report.patch else {
            return Vec::new();
        };
        patch
            .lines()
            .map(|line| {
                let tone = match line.as_bytes().first() {
                    _ if line.starts_with("+++") || line.starts_with("---") => Tone::Heading,
                    Some(b'+') => Tone::Good,
                    Some(b'-') => Tone::Bad,
                    Some(b'@') => Tone::Demand,
                    _ => Tone::Normal,
                };
                self.paint(&escape::patch_line(line), tone)
            })
            .collect()
    }

    /// A sentence of a list.
    fn item(&self, text: &str) -> Vec<String> {
        let lines = wrap_whole(text, self.width - 2, 2);
        lines.iter().map(|line| format!("  {line}")).collect()
    }

    /// A table with its header as a heading, marks in their tones and bands faint.
    fn table(&self, header: &[&str], rows: &[Vec<String>]) -> Vec<String> {
        let mut table = plain_table(self.width);
        table.set_header(header.iter().map(Cell::new));
        let label_width = usize::from(self.width) * 2 / 5;
        let mut widest_label = header.first().map_or(0, |label| label.chars().count());
        for row in rows {
            let mut row = row.clone();
            if let Some(first) = row.first_mut() {
                // Where a cell is wrapped its spaces in front would go.
                let text = first.trim_start().to_owned();
                let margin = first.len() - text.len();
                *first = hanging(&text, margin, label_width);
                let lines = first.lines().map(|line| line.chars().count());
                widest_label = widest_label.max(lines.max().unwrap_or(0));
            }
            table.add_row(row);
        }
        // Labels are broken already, and hang below their own margin.
        if let Some(labels) = table.column_mut(0).filter(|_| widest_label <= label_width) {
            labels.set_constraint(ColumnConstraint::ContentWidth);
        }
        flush_left(&mut table);
        let mut lines: Vec<String> = table
            .lines()
            .map(|line| {
                let line = line.replace(KEPT_SPACE, " ");
                let line = faint_bands(line.trim_end(), self.colour);
                line.replace('✓', &self.paint("✓", Tone::Good))
                    .replace('✗', &self.paint("✗", Tone::Bad))
            })
            .collect();
        if let Some(first) = lines.first_mut() {
            *first = self.paint(first, Tone::Heading);
        }
        lines
    }

    fn paint(&self, text: &str, tone: Tone) -> String {
        paint(text, tone, self.colour)
    }
}

/// A label of so many columns at most, every line of it behind its margin, those after the first a little further.
fn hanging(label: &str, margin: usize, width: usize) -> String {
    let room = u16::try_from(width.saturating_sub(margin)).unwrap_or(u16::MAX);
    let lines: Vec<String> = wrap(label, room, 2)
        .iter()
        .map(|line| {
            let text = line.trim_start();
            KEPT_SPACE.repeat(margin + line.len() - text.len()) + text
        })
        .collect();
    lines.join("\n")
}

/// As [`wrap`], but no line begins with a number's unit.
fn wrap_whole(text: &str, width: u16, indent: usize) -> Vec<String> {
    wrap(&with_units(text), width, indent)
        .iter()
        .map(|line| line.replace(KEPT_SPACE, " "))
        .collect()
}

/// A text in which a number and its unit are one word.
fn with_units(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut ends_in_digit = false;
    for (index, word) in text.split(' ').enumerate() {
        let bare = word.trim_end_matches([',', '.', ':', ';', ')']);
        let is_unit = bare.starts_with('%') || UNITS.contains(&bare);
        if index > 0 {
            joined.push_str(if is_unit && ends_in_digit {
                KEPT_SPACE
            } else {
                " "
            });
        }
        joined.push_str(word);
        ends_in_digit = word.ends_with(|letter: char| letter.is_ascii_digit());
    }
    joined
}

/// Rows whose cells after the first end at the same column.
fn right_aligned(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let columns = rows.first().map_or(0, Vec::len);
    right_aligned_from(rows, 1, columns)
}

/// Rows whose cells from one column up to another end at the same place.
fn right_aligned_from(mut rows: Vec<Vec<String>>, first: usize, behind: usize) -> Vec<Vec<String>> {
    for column in first..behind {
        let width = |row: &Vec<String>| row.get(column).map_or(0, |cell| cell.chars().count());
        let widest = rows.iter().map(width).max().unwrap_or(0);
        for row in &mut rows {
            let room = widest - width(row);
            if let Some(cell) = row.get_mut(column) {
                *cell = format!("{}{cell}", " ".repeat(room));
            }
        }
    }
    rows
}

/// Rows that begin two columns from the left.
fn indented(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for row in &mut rows {
        if let Some(first) = row.first_mut() {
            *first = format!("  {first}");
        }
    }
    rows
}
