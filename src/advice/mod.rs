//! Searches for the settings that meet the objective at the least cost, and says why.
//!
//! It plays scenarios and judges what they leave; it changes no file and draws nothing. Entry points: [`advise`]
//! searches, [`Advice`] is what it found; [`theory`] has the reasons in closed form, [`patch`] the change to a manifest.

mod advise;
mod advised;
mod appraisal;
mod axes;
mod binding;
mod candidate;
mod confirmed;
mod division;
mod front;
mod hints;
mod hunt;
mod knob;
mod limitation;
mod nines;
mod part;
pub mod patch;
mod policy_sets;
mod screen;
mod search;
mod seek;
mod steps;
#[cfg(test)]
mod testing;
pub mod theory;
mod theory_gap;
mod usual_values;
mod wished_values;
mod wishes;

pub use advise::{AdviceError, PartProgress, Question, Work, advise};
use advise::{Shuns, Stop};
pub use advised::{
    Advice, AdviceFor, Advised, Binding, ChangeAdvice, Conclusion, Ended, Figures, FrontPoint,
    Judged, Limitation, NearestMiss, NineCost, Searched, Split, Standing, TheoryGap, TunedOn,
};
pub use appraisal::Appraisal;
pub use axes::lattice;
pub use candidate::{Axis, Candidate, Lattice};
pub use hints::Hints;
pub use knob::{Knob, PolicySet, Value};
pub use wishes::{WishError, Wishes};
