//! What JSON and YAML say of comparisons, as types; see [`super::model`].

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::comparisons::{DIFFERENCES, compared_figures};
use super::model::BandPart;
use crate::analysis::{
    BackendCard, BackendComparison, Comparison, DifferenceCard, VariantCard, Varied,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ComparisonPart<'a> {
    varied: &'static str,
    backends: Vec<ComparedPart<'a>>,
    warnings: &'a [String],
}

/// One backend in all variants.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComparedPart<'a> {
    backend: &'a str,
    variants: Vec<VariantPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VariantPart<'a> {
    name: &'a str,
    /// Whether it is another than the scenario as it is.
    is_other: bool,
    figures: ComparedFiguresPart<'a>,
    differences: DifferencesPart<'a>,
}

struct ComparedFiguresPart<'a>(&'a BackendCard);

struct DifferencesPart<'a>(&'a DifferenceCard);

impl<'a> ComparisonPart<'a> {
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        Self {
            varied: match comparison.varied {
                Varied::Balancing => "balancing",
                Varied::Optimization => "optimization",
            },
            backends: comparison.backends.iter().map(ComparedPart::of).collect(),
            warnings: &comparison.warnings,
        }
    }
}

impl<'a> ComparedPart<'a> {
    fn of(backend: &'a BackendComparison) -> Self {
        Self {
            backend: &backend.baseline.backend,
            variants: backend.variants.iter().map(VariantPart::of).collect(),
        }
    }
}

impl<'a> VariantPart<'a> {
    fn of(variant: &'a VariantCard) -> Self {
        Self {
            name: &variant.name,
            is_other: variant.is_other,
            figures: ComparedFiguresPart(&variant.card),
            differences: DifferencesPart(&variant.difference),
        }
    }
}

impl Serialize for ComparedFiguresPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for figure in compared_figures() {
            map.serialize_entry(figure.key, &BandPart::of(figure.of(self.0)))?;
        }
        map.end()
    }
}

impl Serialize for DifferencesPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(DIFFERENCES.len()))?;
        for difference in DIFFERENCES {
            map.serialize_entry(difference.key, &BandPart::of(difference.of(self.0)))?;
        }
        map.end()
    }
}
