//! Walks the JSON of a range query.

use std::io::Read;

use super::samples::{Sample, plain_sample};
use crate::trace::calendar;
use crate::trace::error::{Fault, plain, quoted};
use crate::trace::json_stream::JsonStream;
use crate::trace::labels::Labels;
use crate::trace::sink::{SeriesFacts, SeriesSink};
use crate::trace::{TraceNote, TraceProblem};

/// Reads the series of a range query one after another.
///
/// `NaN` and infinite values are how Prometheus says that there is no number (a division by zero, a stale series).
pub(crate) fn read_answer(
    input: &mut dyn Read,
    sink: &mut dyn SeriesSink,
) -> Result<Vec<TraceNote>, Fault> {
    let mut walk = Walk {
        json: JsonStream::new(input)?,
        sink,
        notes: Vec::new(),
    };
    walk.document(0)?;
    walk.json.end()?;
    Ok(walk.notes)
}

/// A walk through the document.
struct Walk<'a, 's> {
    json: JsonStream<'a>,
    sink: &'s mut dyn SeriesSink,
    notes: Vec<TraceNote>,
}

/// As many warnings of a server as are passed on.
const MAX_WARNINGS: usize = 10;

/// An envelope holds `data`, that holds `result`, and that the series.
const MAX_ENVELOPES: usize = 4;

impl Walk<'_, '_> {
    /// The whole document: an envelope, its `data` alone, or a bare array of series.
    fn document(&mut self, depth: usize) -> Result<(), Fault> {
        match self.json.peek()? {
            Some(b'[') => self.list(),
            Some(b'{') if depth < MAX_ENVELOPES => self.envelope(depth),
            // `"data": null` stands in an error's envelope; the envelope says what happened.
            Some(b'n') if depth > 0 => self.json.skip(),
            None => Err(self.json.no_json("")),
            Some(_) => {
                let lack = "expected an object with `data`, or an array of series".to_owned();
                Err(self.json.fault(TraceProblem::NotPrometheus(lack)))
            }
        }
    }

    fn envelope(&mut self, depth: usize) -> Result<(), Fault> {
        let mut has_result = false;
        let mut failed = false;
        let mut failure = String::new();
        self.json.expect(b'{')?;
        let mut fields = 0;
        while self.json.has_item(fields, b'}')? {
            fields += 1;
            let key = self.json.string()?;
            self.json.expect(b':')?;
            match key.as_str() {
                "status" => failed |= self.text()? == "error",
                "errorType" | "error" => {
                    if !failure.is_empty() {
                        failure.push_str(": ");
                    }
                    failure.push_str(&self.text()?);
                }
                "resultType" => self.result_type()?,
                "data" | "result" => {
                    self.document(depth + 1)?;
                    has_result = true;
                }
                "warnings" | "infos" if self.json.peek()? == Some(b'[') => self.warnings()?,
                _ => self.json.skip()?,
            }
        }
        if failed {
            let problem = TraceProblem::PrometheusFailed(plain(&failure));
            return Err(self.json.fault(problem));
        }
        if !has_result {
            let lack = "it has no `data` and no `result`".to_owned();
            return Err(self.json.fault(TraceProblem::NotPrometheus(lack)));
        }
        Ok(())
    }

    /// A string; nothing of a value of another kind.
    fn text(&mut self) -> Result<String, Fault> {
        if self.json.peek()? == Some(b'"') {
            return self.json.string();
        }
        self.json.skip()?;
        Ok(String::new())
    }

    fn result_type(&mut self) -> Result<(), Fault> {
        let found = match self.text()?.as_str() {
            "matrix" => return Ok(()),
            "vector" => "vector",
            "scalar" => "scalar",
            "string" => "string",
            "streams" => "list of log streams",
            _ => "result of another type",
        };
        Err(self.json.fault(TraceProblem::NotAMatrix(found)))
    }

    fn warnings(&mut self) -> Result<(), Fault> {
        self.json.expect(b'[')?;
        let mut count = 0;
        while self.json.has_item(count, b']')? {
            let text = self.text()?;
            if count < MAX_WARNINGS {
                self.notes.push(TraceNote::ServerWarning(plain(&text)));
            }
            count += 1;
        }
        Ok(())
    }

    /// An array of series.
    fn list(&mut self) -> Result<(), Fault> {
        self.json.expect(b'[')?;
        let mut count = 0;
        while self.json.has_item(count, b']')? {
            count += 1;
            match self.json.peek()? {
                Some(b'{') => self.series()?,
                Some(b'0'..=b'9' | b'-') => {
                    return Err(self.json.fault(TraceProblem::NotAMatrix("scalar")));
                }
                None => return Err(self.json.no_json("")),
                Some(_) => {
                    let lack = "expected a series with `metric` and `values`".to_owned();
                    return Err(self.json.fault(TraceProblem::NotPrometheus(lack)));
                }
            }
        }
        Ok(())
    }

    fn series(&mut self) -> Result<(), Fault> {
        let mut labels = Labels::default();
        let mut has_values = false;
        self.json.expect(b'{')?;
        let mut fields = 0;
        while self.json.has_item(fields, b'}')? {
            fields += 1;
            let key = self.json.string()?;
            self.json.expect(b':')?;
            match key.as_str() {
                "metric" => labels = self.labels()?,
                "values" => {
                    self.samples()?;
                    has_values = true;
                }
                "value" => return Err(self.json.fault(TraceProblem::NotAMatrix("vector"))),
                "histograms" => {
                    self.json.skip()?;
                    has_values = true;
                }
                _ => self.json.skip()?,
            }
        }
        if !has_values {
            let lack = "an entry has no `values`".to_owned();
            return Err(self.json.fault(TraceProblem::NotPrometheus(lack)));
        }
        let closed = self.sink.close(labels, SeriesFacts::default());
        closed.map_err(|problem| self.json.fault(problem))
    }

    fn labels(&mut self) -> Result<Labels, Fault> {
        let mut pairs = Vec::new();
        self.json.expect(b'{')?;
        while self.json.has_item(pairs.len(), b'}')? {
            let label = self.json.string()?;
            self.json.expect(b':')?;
            pairs.push((label, self.json.string()?));
        }
        Labels::new(pairs).map_err(|problem| self.json.fault(problem))
    }

    /// The samples of a series: pairs of a time in seconds and a value as a string.
    fn samples(&mut self) -> Result<(), Fault> {
        self.json.expect(b'[')?;
        let mut count = 0;
        while self.json.has_item(count, b']')? {
            count += 1;
            let plain = self.plain_samples();
            if plain.map_err(|problem| self.json.fault(problem))? {
                continue;
            }
            self.json.expect(b'[')?;
            let seconds = self.json.number()?;
            self.json.expect(b',')?;
            let value = self.json.number()?;
            self.json.expect(b']')?;
            // Prometheus counts in milliseconds; this also undoes the float's own rounding.
            let seconds = (seconds * 1e3).round() / 1e3;
            let taken = match calendar::nanos_of_seconds(seconds) {
                Some(time) => self.sink.sample(time, value),
                None => Err(TraceProblem::TimeOutOfRange(quoted(&seconds.to_string()))),
            };
            taken.map_err(|problem| self.json.fault(problem))?;
        }
        Ok(())
    }

    /// Takes samples that stand plainly in the window, as the server writes them; whether there was one. The comma
    /// after the last is not walked over.
    fn plain_samples(&mut self) -> Result<bool, TraceProblem> {
        let window = self.json.window();
        let mut at = 0;
        let mut end = 0;
        while let Some(Sample { time, value, bytes }) = plain_sample(&window[at..]) {
            self.sink.sample(time, value)?;
            end = at + bytes;
            if window.get(end) != Some(&b',') {
                break;
            }
            at = end + 1;
        }
        self.json.advance(end);
        Ok(end > 0)
    }
}
