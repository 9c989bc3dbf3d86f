//! The panels of a backend: what each is called and what its colours mean. The page's script draws in them.

use super::markup::Markup;
use crate::report::format::{self, Unit};
use crate::report::input::{BackendView, Report};

/// A panel's heading and the meaning of its colours.
struct Panel {
    /// What the script knows it by.
    name: &'static str,
    title: &'static str,
    keys: &'static [Key],
}

/// A sample of a colour, and what it means.
struct Key {
    /// Classes of the style: a mark and a colour.
    class: &'static str,
    meaning: &'static str,
}

const fn key(class: &'static str, meaning: &'static str) -> Key {
    Key { class, meaning }
}

const PANELS: [Panel; 4] = [
    Panel {
        name: "demand",
        title: "Demand and ready capacity, replicas",
        keys: &[
            key("line vermillion", "demand"),
            key("area sky-blue", "ready"),
            key("line faint", "requests/s (right)"),
        ],
    },
    Panel {
        name: "replicas",
        title: "Replicas",
        keys: &[
            key("line ink", "desired"),
            key("area sky-blue", "ready"),
            key("dashes faint", "minReplicas, maxReplicas"),
            key("up vermillion", "scaled up"),
            key("down blue", "scaled down"),
        ],
    },
    Panel {
        name: "usage",
        title: "Usage / target",
        keys: &[key("line purple", "usage"), key("area green", "tolerance")],
    },
    Panel {
        name: "latency",
        title: "Latency percentiles",
        keys: &[
            key("line sky-blue", "p50"),
            key("line blue", "p95"),
            key("line ink", "p99"),
            key("dashes vermillion", "objective"),
            key("area orange", "minutes that miss it"),
        ],
    },
];

/// The panels of one backend with its decision log beside them.
pub(super) fn write(page: &mut Markup, report: &Report, view: &BackendView, index: usize) {
    let name = &view.card.backend;
    page.raw("<div class=\"beside\">\n<div class=\"charts\" tabindex=\"0\" role=\"group\" data-backend=\"");
    page.text(&index.to_string());
    page.raw("\" aria-describedby=\"keys\" aria-label=\"Charts of ");
    page.foreign(name).raw("\">\n");
    for panel in &PANELS {
        page.raw("<figure data-panel=\"").raw(panel.name);
        page.raw("\"><figcaption><b>").text(panel.title);
        page.raw("</b>");
        for key in panel.keys {
            page.raw(" <span><i class=\"key ").raw(key.class);
            page.raw("\"></i>").text(key.meaning);
            if key.meaning == "objective" {
                let latency = format::number(report.subject.slo.latency, Unit::Seconds);
                page.raw(" ").text(&latency);
            }
            page.raw("</span>");
        }
        page.raw("</figcaption></figure>\n");
    }
    page.raw("</div>\n<aside class=\"log\" aria-label=\"Scale events of ");
    page.foreign(name);
    page.raw("\"><h3>Scale events, run 1</h3><p class=\"note\"></p><ol></ol></aside>\n</div>\n");
}
