//! The answers to the parts of a query, joined into the answer to the whole.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The most text of values that is joined, bytes.
const LARGEST: usize = 512 << 20;
/// The most series that are joined.
const MOST_SERIES: usize = 100_000;
/// So many different warnings of a server are kept: each is shown, and compared with the next.
const MOST_WARNINGS: usize = 10;

/// Series by their labels, each with the text of its samples so far: `[time,"value"],[time,"value"]`.
#[derive(Debug, Default)]
pub(super) struct Joined {
    series: BTreeMap<BTreeMap<String, String>, String>,
    bytes: usize,
    /// What the server warned of, each once.
    pub(super) warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    status: String,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    error: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "resultType")]
    result_type: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct Series<'a> {
    metric: BTreeMap<String, String>,
    #[serde(borrow)]
    values: Option<&'a RawValue>,
    #[serde(borrow)]
    histograms: Option<&'a RawValue>,
}

impl Joined {
    /// Takes in the answer to the next part, later in time than those before it.
    ///
    /// # Errors
    /// When it is no answer to a range query, or too large together with those before.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let answer: Answer<'_> = serde_json::from_slice(bytes).map_err(|error| damaged(&error))?;
        for warning in answer.warnings {
            if self.warnings.len() == MOST_WARNINGS {
                break;
            }
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        let Some(data) = answer.data.filter(|_| answer.status == "success") else {
            let error = answer
                .error
                .unwrap_or_else(|| "without saying why".to_owned());
            bail!("the query failed: {error}");
        };
        if data.result_type != "matrix" {
            bail!(
                "the answer is a {}, expected the matrix of a range query",
                data.result_type
            );
        }
        let series: Vec<Series<'_>> =
            serde_json::from_str(data.result.get()).map_err(|error| damaged(&error))?;
        for one in series {
            self.push_series(one)?;
        }
        Ok(())
    }

    fn push_series(&mut self, one: Series<'_>) -> Result<()> {
        if one.histograms.is_some() && one.values.is_none() {
            bail!(
                "the answer holds native histograms, expected numbers; ask for histogram_count(...) or histogram_quantile(...)"
            );
        }
        let values = one.values.map_or("[]", RawValue::get).trim();
        let samples = values
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .ok_or_else(|| anyhow!("the answer holds a series without a list of values"))?
            .trim();
        if samples.is_empty() {
            return Ok(());
        }
        self.bytes += samples.len() + 1;
        let text = self.series.entry(one.metric).or_default();
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(samples);
        if self.bytes > LARGEST || self.series.len() > MOST_SERIES {
            bail!(
                "the answer holds {} series with {} MiB, expected at most {MOST_SERIES} with {} MiB; ask for fewer, with sum() or a longer --step",
                self.series.len(),
                self.bytes >> 20,
                LARGEST >> 20
            );
        }
        Ok(())
    }

    /// Whether no part had any sample.
    pub(super) fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// The whole answer, as one query would have brought it.
    ///
    /// # Errors
    /// Never for what [`push`](Self::push) took in: labels are text.
    pub(super) fn into_answer(self) -> Result<Vec<u8>> {
        let mut answer = Vec::with_capacity(self.bytes + 256);
        answer.extend(br#"{"status":"success","data":{"resultType":"matrix","result":["#);
        for (index, (labels, samples)) in self.series.into_iter().enumerate() {
            if index > 0 {
                answer.push(b',');
            }
            answer.extend(br#"{"metric":"#);
            serde_json::to_writer(&mut answer, &labels)?;
            answer.extend(br#","values":["#);
            answer.extend(samples.as_bytes());
            answer.extend(b"]}");
        }
        answer.extend(b"]}}\n");
        Ok(answer)
    }
}

fn damaged(error: &serde_json::Error) -> anyhow::Error {
    anyhow!("the answer is not that of a range query: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(result: &str) -> String {
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{result}]}}}}"#)
    }

    #[test]
    fn parts_of_a_series_are_joined_in_order_and_series_kept_apart() {
        let mut joined = Joined::default();
        let a = |times: &str| format!(r#"{{"metric":{{"a":"1","b":"x\"y"}},"values":[{times}]}}"#);
        let b = r#"{"metric":{},"values":[[3,"NaN"]]}"#;
        joined
            .push(answer(&a(r#"[1,"10"],[2,"20"]"#)).as_bytes())
            .expect("an answer");
        joined
            .push(answer(&format!("{b},{}", a(r#"[3,"30"]"#))).as_bytes())
            .expect("an answer");
        joined.push(answer(&a("")).as_bytes()).expect("an answer");
        let whole = String::from_utf8(joined.into_answer().expect("text")).expect("UTF-8");
        let expected = answer(&format!("{b},{}", a(r#"[1,"10"],[2,"20"],[3,"30"]"#)));
        assert_eq!(whole.trim_end(), expected);
    }

    #[test]
    fn what_is_no_answer_is_refused_with_what_was_expected() {
        for (text, beginning) in [
            (
                "{}",
                "the answer is not that of a range query: missing field",
            ),
            (
                r#"{"status":"success","data":{"resultType":"ma"#,
                "the answer is not that of a range query: EOF",
            ),
            (
                r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
                "the query failed: parse error",
            ),
            (
                r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
                "the answer is a vector, expected the matrix",
            ),
        ] {
            let error = Joined::default()
                .push(text.as_bytes())
                .expect_err(text)
                .to_string();
            assert!(error.starts_with(beginning), "{error}");
        }
        let histogram = answer(r#"{"metric":{},"histograms":[[1,{}]]}"#);
        let error = Joined::default()
            .push(histogram.as_bytes())
            .expect_err("refused");
        assert!(error.to_string().contains("native histograms"), "{error}");
    }

    #[test]
    fn a_warning_is_kept_once() {
        let mut joined = Joined::default();
        let text = r#"{"status":"success","warnings":["partial"],"data":{"resultType":"matrix","result":[]}}"#;
        joined.push(text.as_bytes()).expect("an answer");
        joined.push(text.as_bytes()).expect("an answer");
        assert_eq!(joined.warnings, ["partial"]);
        assert!(joined.is_empty());
    }
}
