//! Draws a month at 15 s, four panels over 172,800 rows, against the bare PNG encoder on the same pixels; and writes it as
//! HTML.
//!
//! `cargo bench --bench charts`. The figures to hold: the picture in at most 10 times the time of the encoder, 4 is the
//! aim; the page in under half a second.
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

#[allow(dead_code, reason = "the other benches use the rest")]
mod common;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{rates, scenario};
use scaleplan::analysis::judge;
use scaleplan::engine::simulate;
use scaleplan::outcome::Timeline;
use scaleplan::report::{self, Picture, Report, Subject, html, svg};
use scaleplan::scenario::FOLLOWED_VERSION;
use scaleplan::units::{SimDuration, SimTime};

const ROWS: u32 = 172_800;
const ROUNDS: usize = 9;

fn main() {
    let scenario = scenario(&rates(ROWS), "p99<300ms");
    let mut outcome = simulate(&scenario).expect("it plays");
    let scorecard = judge(&scenario, &outcome);
    // The engine's timeline is coarser: a row for each sync, with the values of the row that it is in.
    let step = SimDuration::from_seconds(15);
    for backend in &mut outcome.backends {
        let coarse = &backend.timeline;
        let rows = (0..ROWS).map(|index| {
            let at = SimTime::ZERO + step * i64::from(index);
            let row = coarse.rows.partition_point(|row| row.at <= at).max(1) - 1;
            let mut row = coarse.rows[row];
            row.at = at;
            row.usage_ratio *= 1.0 + 0.05 * f64::from(index % 7);
            row.p99 *= 1.0 + 0.1 * f64::from(index % 5);
            row
        });
        backend.timeline = Timeline {
            step,
            rows: rows.collect(),
        };
    }
    let drawn = Report {
        subject: Subject::of(&scenario),
        outcome: &outcome,
        scorecard: &scorecard,
        comparisons: &[],
        followed_version: FOLLOWED_VERSION,
    };
    let picture = Picture::default();
    let bytes = report::png(&drawn, picture).expect("a picture");
    let (width, height, pixels) = decoded(&bytes);
    let drawing = least(|| drop(black_box(report::png(&drawn, picture).expect("a picture"))));
    let encoding = least(|| drop(black_box(encoded(width, height, &pixels))));
    let shapes = least(|| drop(black_box(svg(&drawn, picture).expect("a picture"))));
    let page = least(|| drop(black_box(html(&drawn))));
    println!(
        "PNG {width}x{height}: {drawing:.0?}, bare encoder {encoding:.0?}: {:.1} times (at most 10, aim 4)",
        drawing.as_secs_f64() / encoding.as_secs_f64()
    );
    println!("SVG: {shapes:.0?}");
    println!(
        "HTML: {page:.0?} (at most 500 ms), {:.2} MB",
        html(&drawn).len() as f64 / 1e6
    );
}

fn least(work: impl Fn()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    rounds.min().unwrap_or_default()
}

fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a frame");
    pixels.truncate(info.buffer_size());
    (info.width, info.height, pixels)
}

fn encoded(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(pixels).expect("pixels");
    writer.finish().expect("an end");
    bytes
}
