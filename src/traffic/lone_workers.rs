//! `LoneWorkers`: many FIFO queues, each before one worker, for requests that were given out already.
//!
//! The recursion of Lindley (1952) at each place: a request starts when the one before it there has ended, or on arrival
//! if that is later.

/// Workers that each have a line of their own.
#[derive(Clone, Debug)]
pub struct LoneWorkers {
    /// When each will have done all that has been given to it, seconds since the scenario began.
    free: Vec<f64>,
}

impl LoneWorkers {
    /// So many workers, all free from the beginning.
    #[must_use]
    pub fn new(workers: usize) -> Self {
        Self {
            free: vec![0.0; workers],
        }
    }

    /// Gives worker `place` a request that arrives at `arrival`, not before any that it got earlier, and takes `service`
    /// seconds. Says when it starts; it ends `service` later.
    ///
    /// # Panics
    /// When there is no such worker.
    #[inline]
    pub fn admit(&mut self, place: usize, arrival: f64, service: f64) -> f64 {
        let free = &mut self.free[place];
        let start = if arrival > *free { arrival } else { *free };
        *free = start + service;
        start
    }

    /// [`admit`](Self::admit) for each of many requests in order of arrival. Sets `starts`, one for each; only as many
    /// requests are admitted as the shortest of the slices has.
    ///
    /// # Panics
    /// When there is no such worker.
    #[inline]
    pub fn admit_all(
        &mut self,
        places: &[u32],
        arrivals: &[f64],
        services: &[f64],
        starts: &mut [f64],
    ) {
        let requests = arrivals.iter().zip(services);
        for ((start, place), (arrival, service)) in starts.iter_mut().zip(places).zip(requests) {
            *start = self.admit(*place as usize, *arrival, *service);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::float_cmp,
        reason = "both sides take the same sums in the same order"
    )]

    use super::*;
    use crate::traffic::WorkerPool;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_place_is_a_pool_of_one_worker(
            requests in prop::collection::vec((0..5_u32, 0.0..1.0_f64, 0.0..5.0_f64), 1..200),
        ) {
            let mut now = 0.0;
            let arrivals: Vec<f64> = requests
                .iter()
                .map(|(_, gap, _)| {
                    now += gap;
                    now
                })
                .collect();
            let places: Vec<u32> = requests.iter().map(|request| request.0).collect();
            let services: Vec<f64> = requests.iter().map(|request| request.2).collect();
            let mut starts = vec![0.0; requests.len()];
            LoneWorkers::new(5).admit_all(&places, &arrivals, &services, &mut starts);
            let mut pools = vec![WorkerPool::new(1); 5];
            for (request, start) in starts.iter().enumerate() {
                let pool = &mut pools[places[request] as usize];
                prop_assert_eq!(pool.admit(arrivals[request], services[request]), *start);
            }
        }
    }
}
