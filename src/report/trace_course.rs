//! The course of a trace in one line of blocks.

use super::trace_input::SurveyedTrace;

/// Blocks from the lowest to the highest.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// What was not recorded.
const UNKNOWN: char = '·';

/// One block for each part, as high as its mean beside the highest mean.
pub(super) fn course(surveyed: &SurveyedTrace<'_>) -> String {
    let parts = &surveyed.survey.course;
    let highest = parts
        .iter()
        .filter_map(|part| part.mean)
        .fold(0.0, f64::max);
    parts
        .iter()
        .map(|part| part.mean.map_or(UNKNOWN, |mean| block(mean, highest)))
        .collect()
}

fn block(mean: f64, highest: f64) -> char {
    if highest <= 0.0 {
        return BLOCKS[0];
    }
    let share = mean / highest * BLOCKS.len() as f64;
    // The first bound that the share does not exceed.
    let reached = (1..BLOCKS.len()).find(|bound| share <= *bound as f64);
    BLOCKS[reached.unwrap_or(BLOCKS.len()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_grow_with_the_mean() {
        let drawn: String = [0.0, 12.5, 12.6, 50.0, 99.0, 100.0]
            .map(|mean| block(mean, 100.0))
            .iter()
            .collect();
        assert_eq!(drawn, "▁▁▂▄██");
        assert_eq!(block(0.0, 0.0), '▁');
    }
}
