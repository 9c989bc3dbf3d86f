//! A **manifest** and a **trace** make a **scenario**; the **engine** plays the scenario, letting the **hpa** steer
//! the **plant**; that leaves an **outcome**; **analysis** judges it; **report** draws; **cli** carries files in and
//! bytes out.

pub mod analysis;
pub mod cli;
pub mod engine;
pub mod hpa;
pub mod manifest;
pub mod outcome;
pub mod plant;
pub mod queueing;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod trace;
pub mod units;
