//! Recordings of load generators: k6, Locust, vegeta and hey.

mod hey;
mod k6;
mod locust;
mod rows;
mod vegeta;

pub(crate) use hey::read_hey;
pub(crate) use k6::{read_k6_log, read_k6_series};
pub(crate) use locust::{LOCUST_LOAD, read_locust};
pub(crate) use vegeta::read_vegeta;
