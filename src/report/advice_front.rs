//! Which points of the front are shown to people, and what each is called.

use std::collections::BTreeSet;

use super::advice_input::{AdviceReport, PartView};
use super::format::{self, Unit};
use crate::advice::{Conclusion, FrontPoint};

/// The points of the front that a list of at most `most` lines shows, in their order: both ends, the best settings, the
/// cheapest that hold, the present ones, and others evenly between.
pub(crate) fn shown<'a>(
    report: &AdviceReport,
    view: &PartView<'a>,
    most: usize,
) -> Vec<&'a FrontPoint> {
    let front = told_apart(report, view);
    if front.len() <= most {
        return front;
    }
    let last = front.len() - 1;
    let present = report.advice.lattice.present();
    let position = |is: &dyn Fn(&FrontPoint) -> bool| front.iter().position(|point| is(point));
    let named = [
        position(&|point| point.candidate == view.part.best.candidate),
        position(&|point| point.budget_spent <= 1.0),
        Some(0),
        Some(last),
        position(&|point| point.candidate == present),
    ];
    let mut chosen: BTreeSet<usize> = BTreeSet::new();
    let between = (1..most).map(|step| last * step / most);
    for index in named.into_iter().flatten().chain(between) {
        if chosen.len() < most {
            chosen.insert(index);
        }
    }
    chosen.into_iter().map(|index| front[index]).collect()
}

/// The points of the front of which a list shows different figures: of those that look alike the one with a name, or else
/// the first.
fn told_apart<'a>(report: &AdviceReport, view: &PartView<'a>) -> Vec<&'a FrontPoint> {
    let shown = |point: &FrontPoint| {
        let spent = format::number(point.budget_spent * 100.0, Unit::Percent);
        let hours = format::number(point.replica_hours, Unit::ReplicaHours);
        (hours, spent, point.budget_spent <= 1.0)
    };
    let present = report.advice.lattice.present();
    let has_name = |point: &FrontPoint| {
        point.candidate == view.part.best.candidate || point.candidate == present
    };
    let alike = view.part.front.chunk_by(|a, b| shown(a) == shown(b));
    alike
        .flat_map(|alike| {
            let named: Vec<&FrontPoint> = alike.iter().filter(|point| has_name(point)).collect();
            if named.is_empty() {
                alike.iter().take(1).collect()
            } else {
                named
            }
        })
        .collect()
}

/// Whether a point holds the objective, and which settings it is.
pub(crate) fn remark(report: &AdviceReport, view: &PartView, point: &FrontPoint) -> String {
    let mut remark = if point.budget_spent <= 1.0 {
        "✓".to_owned()
    } else {
        "✗".to_owned()
    };
    if !point.confirmed {
        remark.push_str(" screened");
    }
    if point.candidate == view.part.best.candidate {
        remark.push_str(match view.part.conclusion {
            Conclusion::NothingMeets(_) => " nearest",
            Conclusion::Keep => "",
            Conclusion::Change => " advised",
        });
    }
    if point.candidate == report.advice.lattice.present() {
        remark.push_str(" now");
    }
    remark
}
