//! M/G/1 processor sharing: all requests served at once, each more slowly.

/// Mean latency S / (1 - rho), in seconds, whatever the service time's distribution; infinite from saturation on
/// (Kleinrock 1967; insensitive by Sakata, Noguchi and Oizumi 1969).
#[must_use]
pub fn processor_sharing_latency(arrival_rate: f64, service_mean: f64) -> f64 {
    let occupancy = arrival_rate * service_mean;
    if occupancy >= 1.0 {
        return f64::INFINITY;
    }
    service_mean / (1.0 - occupancy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_capacity_doubles_the_latency() {
        assert!((processor_sharing_latency(5.0, 0.1) - 0.2).abs() < 1e-15);
        assert!(processor_sharing_latency(10.0, 0.1).is_infinite());
    }
}
