//! Replicas from fractions of them.

/// A count this little above a whole number is that number: what rounding of floats leaves.
const SLACK: f64 = 1e-9;

/// The least whole number of replicas that is not below `replicas`; at most `u32::MAX`, and 0 for what is no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and takes NaN to 0"
)]
pub(super) fn whole_replicas(replicas: f64) -> u32 {
    if replicas == f64::INFINITY {
        return u32::MAX;
    }
    (replicas - SLACK * replicas.abs().max(1.0)).ceil().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_a_replica_more_unless_it_is_rounding() {
        assert_eq!(whole_replicas(2.1), 3);
        assert_eq!(whole_replicas(0.7 * 10.0 / 0.7), 10);
        assert_eq!(whole_replicas(-3.0), 0);
        assert_eq!(whole_replicas(f64::NAN), 0);
        assert_eq!(whole_replicas(f64::INFINITY), u32::MAX);
    }
}
