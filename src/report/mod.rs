//! Values in, bytes out: tables, CSV, JSON, YAML, Markdown and PNG of one judged outcome, or of advice.
//!
//! It draws and does not compute: every figure is the scorecard's. It must not know the engine, the controller or where
//! its bytes go. Start at [`Report`] and [`table()`],
//! or at [`AdviceReport`] and [`advice_table()`].

mod advice_csv;
mod advice_figures;
mod advice_front;
mod advice_input;
mod advice_json;
mod advice_markdown;
mod advice_model;
mod advice_sentences;
mod advice_table;
mod assumption_table;
mod assumptions;
mod chart;
mod comparison_model;
mod comparison_table;
mod comparisons;
mod csv;
mod elasticity_figures;
mod escape;
mod figure;
mod figures;
mod format;
mod input;
mod json;
mod lag_figures;
mod layout;
mod lint_excerpt;
mod lint_fingerprint;
mod lint_github;
mod lint_gitlab;
mod lint_json;
mod lint_junit;
mod lint_path;
mod lint_report;
mod lint_rules;
mod lint_sarif;
mod lint_text;
mod loop_input;
mod loop_json;
mod loop_markdown;
mod loop_table;
mod markdown;
mod model;
mod paint;
mod sentences;
mod sparkline;
mod table;
mod worst;
mod yaml;

pub use advice_csv::advice_csv;
pub use advice_input::AdviceReport;
pub use advice_json::{advice_json, advice_yaml};
pub use advice_markdown::advice_markdown;
pub use advice_table::advice_table;
pub use chart::{ChartError, advice_png, png};
pub use csv::csv;
pub use input::{Colour, Detail, Report};
pub use json::json;
pub use lint_github::lint_github;
pub use lint_gitlab::lint_gitlab;
pub use lint_json::lint_json;
pub use lint_junit::lint_junit;
pub use lint_report::LintReport;
pub use lint_rules::{rule_explanation, rule_list, rules_page};
pub use lint_sarif::lint_sarif;
pub use lint_text::{TextStyle, lint_statistics, lint_summary, lint_text};
pub use loop_input::ExplainedLoop;
pub use loop_json::{loop_json, loop_yaml};
pub use loop_markdown::loop_markdown;
pub use loop_table::loop_table;
pub use markdown::markdown;
pub use table::table;
pub use yaml::yaml;
