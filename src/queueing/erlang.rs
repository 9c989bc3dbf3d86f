//! Erlang B and C, and the number of servers they ask for.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use super::root::last_where;

/// The probability that an arrival finds all of `servers` busy when none may wait: M/M/c/c, and by insensitivity M/G/c/c.
///
/// B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)), which neither overflows nor cancels (Erlang 1917; the recursion is
/// Jagerman's). `offered_load` is the arrival rate times the mean service time, in erlangs.
#[must_use]
pub fn erlang_b(servers: u32, offered_load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| {
        next_erlang_b(f64::from(k), offered_load, blocked)
    })
}

/// The probability that an arrival must wait: M/M/c. 1 from saturation on.
///
/// C = B / (1 - rho (1 - B)) (Erlang 1917).
#[must_use]
pub fn erlang_c(servers: u32, offered_load: f64) -> f64 {
    waiting(
        f64::from(servers),
        offered_load,
        erlang_b(servers, offered_load),
    )
}

/// The least number of servers, up to `limit`, with which an arrival waits with at most the given probability.
#[must_use]
pub fn least_servers(offered_load: f64, wait_probability: f64, limit: u32) -> Option<u32> {
    let mut blocked = 1.0;
    (1..=limit).find(|k| {
        let servers = f64::from(*k);
        blocked = next_erlang_b(servers, offered_load, blocked);
        servers > offered_load && waiting(servers, offered_load, blocked) <= wait_probability
    })
}

/// The square-root rule of staffing: a + beta sqrt(a) servers, rounded up (Halfin and Whitt 1981).
#[must_use]
pub fn square_root_staffing(offered_load: f64, wait_probability: f64) -> f64 {
    (offered_load + halfin_whitt_margin(wait_probability) * offered_load.sqrt()).ceil()
}

/// beta in the square-root rule: P(wait) = 1 / (1 + beta Phi(beta) / phi(beta)) in the limit of many servers
/// (Halfin and Whitt 1981). The probability is kept to where beta lies between 0 and 30.
#[must_use]
pub fn halfin_whitt_margin(wait_probability: f64) -> f64 {
    let normal = Normal::standard();
    last_where(0.0, 30.0, |beta| {
        let density = normal.pdf(beta);
        density / (density + beta * normal.cdf(beta)) >= wait_probability
    })
}

fn next_erlang_b(servers: f64, offered_load: f64, blocked: f64) -> f64 {
    offered_load * blocked / (servers + offered_load * blocked)
}

fn waiting(servers: f64, offered_load: f64, blocked: f64) -> f64 {
    if offered_load >= servers {
        return 1.0;
    }
    blocked / (1.0 - offered_load / servers * (1.0 - blocked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_systems_match_hand_calculation() {
        // One server: B = a / (1 + a), C = a.
        assert!((erlang_b(1, 0.8) - 0.8 / 1.8).abs() < 1e-15);
        assert!((erlang_c(1, 0.8) - 0.8).abs() < 1e-15);
        // Two servers: B = (a^2/2) / (1 + a + a^2/2).
        assert!((erlang_b(2, 1.5) - 1.125 / 3.625).abs() < 1e-15);
    }

    #[test]
    fn the_ends_are_exact() {
        assert!((erlang_b(0, 5.0) - 1.0).abs() < 1e-300);
        assert!(erlang_c(5, 0.0).abs() < 1e-300);
        assert!((erlang_c(5, 5.0) - 1.0).abs() < 1e-300);
        assert!(erlang_b(100_000, 90_000.0) < 1e-100);
        assert_eq!(least_servers(100.0, 0.2, 50), None);
        assert_eq!(least_servers(0.0, 0.2, 50), Some(1));
    }

    proptest! {
        #[test]
        fn waiting_grows_with_load_and_falls_with_servers(
            servers in 1..200_u32, occupancy in 0.01..0.99_f64
        ) {
            let load = occupancy * f64::from(servers);
            let wait = erlang_c(servers, load);
            prop_assert!((0.0..=1.0).contains(&wait));
            prop_assert!(erlang_c(servers, load * 1.01) >= wait);
            prop_assert!(erlang_c(servers + 1, load) <= wait);
            prop_assert!(erlang_b(servers, load) <= wait + 1e-15);
        }

        #[test]
        fn staffing_is_the_turning_point(load in 0.1..300.0_f64, probability in 0.001..0.9_f64) {
            let servers = least_servers(load, probability, 1000).expect("a thousand are enough");
            prop_assert!(erlang_c(servers, load) <= probability);
            prop_assert!(servers == 1 || erlang_c(servers - 1, load) > probability);
        }
    }
}
