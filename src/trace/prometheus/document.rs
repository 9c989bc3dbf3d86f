//! Walks the JSON of a range query.

use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::trace::error::{Fault, plain, quoted};
use crate::trace::labels::Labels;
use crate::trace::read::unreadable;
use crate::trace::sink::{SeriesFacts, SeriesSink};
use crate::trace::{TraceNote, TraceProblem};

/// Reads the series of a range query one after another.
///
/// `NaN` and infinite values are how Prometheus says that there is no number (a division by zero, a stale series).
pub(crate) fn read_answer(
    input: &mut dyn Read,
    sink: &mut dyn SeriesSink,
) -> Result<Vec<TraceNote>, Fault> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    skip_byte_order_mark(&mut input)?;
    let mut walk = Walk {
        sink,
        problem: None,
        notes: Vec::new(),
    };
    let mut json = serde_json::Deserializer::from_reader(input);
    let outcome = Document(&mut walk)
        .deserialize(&mut json)
        .and_then(|()| json.end());
    match outcome {
        Ok(()) => Ok(walk.notes),
        Err(error) => Err(fault_of(&error, walk.problem)),
    }
}

/// As many warnings of a server as are passed on.
const MAX_WARNINGS: usize = 10;

/// What a walk through the document carries along.
struct Walk<'s> {
    sink: &'s mut dyn SeriesSink,
    /// What to say instead of the JSON parser's own error.
    problem: Option<TraceProblem>,
    notes: Vec<TraceNote>,
}

impl Walk<'_> {
    fn fail<E: de::Error>(&mut self, problem: TraceProblem) -> E {
        self.problem = Some(problem);
        E::custom("stopped")
    }
}

fn skip_byte_order_mark(input: &mut BufReader<&mut dyn Read>) -> Result<(), Fault> {
    use std::io::BufRead;
    let head = input.fill_buf().map_err(|error| unreadable(&error))?;
    if head.is_empty() {
        return Err(TraceProblem::Empty.into());
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    Ok(())
}

fn fault_of(error: &serde_json::Error, problem: Option<TraceProblem>) -> Fault {
    if let Some(kind) = error.io_error_kind()
        && problem.is_none()
        && error.is_io()
    {
        return unreadable(&kind.into());
    }
    let line = Some(error.line() as u64).filter(|line| *line > 0);
    let problem = problem.unwrap_or_else(|| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        if error.is_data() {
            TraceProblem::NotPrometheus(plain(message))
        } else if error.is_eof() {
            TraceProblem::Json("it ends early, expected a complete document".to_owned())
        } else {
            TraceProblem::Json(plain(message))
        }
    });
    Fault { line, problem }
}

/// The whole document: an envelope, its `data` alone, or a bare array of series.
struct Document<'w, 's>(&'w mut Walk<'s>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `data`, or an array of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut series: A) -> Result<(), A::Error> {
        while series.next_element_seed(SeriesSeed(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut has_result = false;
        let mut failed = false;
        let mut failure = String::new();
        while let Some(key) = fields.next_key::<String>()? {
            match key.as_str() {
                "status" => failed |= fields.next_value::<String>()? == "error",
                "errorType" | "error" => {
                    let text = fields.next_value::<String>()?;
                    if !failure.is_empty() {
                        failure.push_str(": ");
                    }
                    failure.push_str(&text);
                }
                "resultType" => {
                    let kind = fields.next_value::<String>()?;
                    let found = match kind.as_str() {
                        "matrix" => continue,
                        "vector" => "vector",
                        "scalar" => "scalar",
                        "string" => "string",
                        "streams" => "list of log streams",
                        _ => "result of another type",
                    };
                    return Err(self.0.fail(TraceProblem::NotAMatrix(found)));
                }
                "data" | "result" => {
                    fields.next_value_seed(Document(self.0))?;
                    has_result = true;
                }
                "warnings" | "infos" => {
                    let warnings = fields.next_value::<Option<Vec<String>>>()?;
                    let told = warnings.into_iter().flatten().take(MAX_WARNINGS);
                    self.0
                        .notes
                        .extend(told.map(|text| TraceNote::ServerWarning(plain(&text))));
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        if failed {
            return Err(self.0.fail(TraceProblem::PrometheusFailed(plain(&failure))));
        }
        if !has_result {
            let lack = "it has no `data` and no `result`".to_owned();
            return Err(self.0.fail(TraceProblem::NotPrometheus(lack)));
        }
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        // `"data": null` stands in an error's envelope; the envelope says what happened.
        Ok(())
    }
}

/// One series of the result.
struct SeriesSeed<'w, 's>(&'w mut Walk<'s>);

impl<'de> DeserializeSeed<'de> for SeriesSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SeriesSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series with `metric` and `values`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut labels = Labels::default();
        let mut has_values = false;
        while let Some(key) = fields.next_key::<String>()? {
            match key.as_str() {
                "metric" => {
                    let Pairs(pairs) = fields.next_value()?;
                    labels = Labels::new(pairs).map_err(|problem| self.0.fail(problem))?;
                }
                "values" => {
                    fields.next_value_seed(SamplesSeed(self.0))?;
                    has_values = true;
                }
                "value" => return Err(self.0.fail(TraceProblem::NotAMatrix("vector"))),
                "histograms" => {
                    fields.next_value::<IgnoredAny>()?;
                    has_values = true;
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        if !has_values {
            let lack = "an entry has no `values`".to_owned();
            return Err(self.0.fail(TraceProblem::NotPrometheus(lack)));
        }
        let closed = self.0.sink.close(labels, SeriesFacts::default());
        closed.map_err(|problem| self.0.fail(problem))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Err(self.0.fail(TraceProblem::NotAMatrix("scalar")))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Err(self.0.fail(TraceProblem::NotAMatrix("scalar")))
    }
}

/// A series' labels, doubles and all.
struct Pairs(Vec<(String, String)>);

impl<'de> de::Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of labels and their values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut labels: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = labels.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// The samples of one series.
struct SamplesSeed<'w, 's>(&'w mut Walk<'s>);

impl<'de> DeserializeSeed<'de> for SamplesSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for SamplesSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of pairs of a time and a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut samples: A) -> Result<(), A::Error> {
        while let Some((seconds, value)) = samples.next_element::<(f64, SampleValue)>()? {
            // Prometheus counts in milliseconds; this also undoes the float's own rounding.
            let millis = (seconds * 1e3).round();
            if millis.abs() > i64::MAX as f64 / 1e6 {
                let text = quoted(&seconds.to_string());
                return Err(self.0.fail(TraceProblem::TimeOutOfRange(text)));
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number within i64, as checked just before"
            )]
            let nanos = (millis as i64).saturating_mul(1_000_000);
            let taken = self.0.sink.sample(nanos, value.0);
            taken.map_err(|problem| self.0.fail(problem))?;
        }
        Ok(())
    }
}

/// A sample's value: a string, as the API writes it, or a number.
struct SampleValue(f64);

impl<'de> de::Deserialize<'de> for SampleValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SampleValueVisitor)
    }
}

struct SampleValueVisitor;

impl Visitor<'_> for SampleValueVisitor {
    type Value = SampleValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number as a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SampleValue, E> {
        text.parse()
            .map(SampleValue)
            .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<SampleValue, E> {
        Ok(SampleValue(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<SampleValue, E> {
        Ok(SampleValue(value as f64))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<SampleValue, E> {
        Ok(SampleValue(value as f64))
    }

    fn visit_unit<E: de::Error>(self) -> Result<SampleValue, E> {
        Ok(SampleValue(f64::NAN))
    }
}
