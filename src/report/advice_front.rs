//! Which points of the front are shown to people, and what each is called.

use std::collections::BTreeSet;

use super::advice_input::{AdviceReport, PartView};
use crate::advice::{Conclusion, FrontPoint};

/// The points of the front that a list of at most `most` lines shows, in their order: both ends, the best settings, the
/// cheapest that hold, the present ones, and others evenly between.
pub(crate) fn shown<'a>(
    report: &AdviceReport,
    view: &PartView<'a>,
    most: usize,
) -> Vec<&'a FrontPoint> {
    let front = &view.part.front;
    if front.len() <= most {
        return front.iter().collect();
    }
    let last = front.len() - 1;
    let present = report.advice.lattice.present();
    let position = |is: &dyn Fn(&FrontPoint) -> bool| front.iter().position(is);
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
    chosen.into_iter().map(|index| &front[index]).collect()
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
