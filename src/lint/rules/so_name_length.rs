//! The name of a ScaledObject, or of the HPA that KEDA makes of it, is longer than 63 characters.
//!
//! ## What it does
//!
//! Counts the ScaledObject's name, which becomes the value of a label, and the HPA's: `keda-hpa-` and the name, or
//! `advanced.horizontalPodAutoscalerConfig.name`.
//!
//! ## Why is this bad
//!
//! A label's value has 63 characters at most. Newer versions of KEDA refuse the ScaledObject, older ones fail when they
//! make the HPA or cut its name.
//!
//! ## Example
//!
//! ```yaml
//! kind: ScaledObject
//! metadata:
//!   name: orders-and-invoices-and-returns-consumer-of-region-eu-west-1
//! ```
//!
//! ## Fix
//!
//! Shorten the name to 54 characters, or name the HPA yourself in `advanced.horizontalPodAutoscalerConfig.name`.
//!
//! ## Evidence
//!
//! `verifyName` in KEDA's `scaledobject_webhook.go`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

/// The longest value of a label.
const LONGEST: usize = 63;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        let of_hpa = scaled.name_of_hpa(&object.name);
        let own = scaled.hpa_name.as_ref().filter(|own| own.value == of_hpa);
        let (name, what, place) = if object.name.len() > LONGEST {
            let place = Place::at(object, "metadata.name");
            (&object.name, "the ScaledObject's name", place)
        } else if of_hpa.len() > LONGEST {
            let place = own.map_or_else(
                || Place::at(object, "metadata.name"),
                |own| Place::of(object, own),
            );
            (&of_hpa, "the HPA's name", place)
        } else {
            continue;
        };
        findings.put(
            place,
            format!(
                "{what} `{name}` has {} characters, {LONGEST} are allowed",
                name.len()
            ),
            "shorten it, or set advanced.horizontalPodAutoscalerConfig.name",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    fn named(length: usize, spec: &str) -> String {
        let name = "a".repeat(length);
        let text = scaled_object(spec) + &trigger("kafka");
        text.replacen("{name: web}", &format!("{{name: {name}}}"), 1)
    }

    #[test]
    fn a_name_of_which_no_label_can_be_made_is_told() {
        fires(
            "SP507",
            &named(64, ""),
            &["3:18 the ScaledObject's name `aaaa"],
        );
        fires(
            "SP507",
            &named(55, ""),
            &["3:18 the HPA's name `keda-hpa-aaaa"],
        );
        let own = format!(
            "  advanced: {{horizontalPodAutoscalerConfig: {{name: {}}}}}\n",
            "b".repeat(64)
        );
        fires("SP507", &named(5, &own), &["6:52 the HPA's name `bbbb"]);
    }

    #[test]
    fn a_name_that_fits_is_silent() {
        silent("SP507", &named(54, ""));
        let own = "  advanced: {horizontalPodAutoscalerConfig: {name: b}}\n";
        silent("SP507", &named(63, own));
    }
}
