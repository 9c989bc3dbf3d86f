//! Kubernetes `resource.Quantity`: exact parse and canonical print.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

const NANOS_PER_UNIT: i128 = 1_000_000_000;
const NANOS_PER_MILLI: i128 = 1_000_000;
/// The exponent of ten of one nano-unit, the finest step that a quantity keeps.
const NANO_EXPONENT: i64 = -9;
/// The largest value that a quantity with a binary suffix keeps; larger ones become it.
const LARGEST_BINARY: i128 = i64::MAX as i128 * NANOS_PER_UNIT;

/// An exact Kubernetes quantity such as `250m`, `1.5Gi` or `1e3`.
///
/// It counts whole nano-units, rounded away from zero, and remembers which family of suffixes it was written with.
/// Two quantities are equal when their values are. Beyond about 1.7e29 units either way a value becomes the nearest
/// one that can be kept.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// Which family of suffixes a quantity is printed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `n u m "" k M G T P E`.
    Decimal,
    /// `Ki Mi Gi Ti Pi Ei`.
    Binary,
    /// `e3`.
    Exponent,
}

/// What a suffix multiplies by.
struct Scale {
    format: Format,
    power_of_ten: i64,
    /// How many times 1024.
    power_of_1024: u32,
}

/// Why a text is not a Kubernetes quantity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not a Kubernetes quantity, expected a number with an optional suffix such as `250m`, `1.5` or `512Mi`"
)]
pub struct QuantityError(pub String);

impl Quantity {
    /// Reads a quantity as `resource.ParseQuantity` of k8s.io/apimachinery does.
    ///
    /// A fraction finer than a nano-unit is rounded away from zero. As there, an absent number (`.`, `m`) is zero, and
    /// white space is an error: the API trims it before.
    ///
    /// # Errors
    /// When the text is empty, or is not a number with a known suffix.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        Self::parse_known(text).ok_or_else(|| QuantityError(text.to_owned()))
    }

    /// The quantity of `millis` thousandths.
    #[must_use]
    pub fn from_milli(millis: i64) -> Self {
        Self {
            nanos: i128::from(millis) * NANOS_PER_MILLI,
            format: Format::Decimal,
        }
    }

    /// The quantity in whole units, rounded away from zero, as `Quantity.Value`; the nearest `i64` where it does not fit.
    #[must_use]
    pub fn value(&self) -> i64 {
        divide_away_from_zero(self.nanos, NANOS_PER_UNIT)
    }

    /// The quantity in thousandths, rounded away from zero, as `Quantity.MilliValue`; the nearest `i64` where it does
    /// not fit.
    #[must_use]
    pub fn milli_value(&self) -> i64 {
        divide_away_from_zero(self.nanos, NANOS_PER_MILLI)
    }

    /// The quantity as a float, with the rounding of `Quantity.AsApproximateFloat64` on the canonical form: the whole
    /// number times a power of 1000.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        const POWERS: [f64; 10] = [1e-9, 1e-6, 1e-3, 1e0, 1e3, 1e6, 1e9, 1e12, 1e15, 1e18];
        if self.nanos == 0 {
            return 0.0;
        }
        let (number, step) = without_factors(self.nanos, 1000, POWERS.len() - 1);
        number as f64 * POWERS[step]
    }

    fn parse_known(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let (negative, unsigned) = match text.as_bytes()[0] {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, rest) = split_digits(unsigned);
        let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), split_digits);
        let scale = scale_of(suffix)?;

        let mut digits: Vec<u8> = whole
            .bytes()
            .chain(fraction.bytes())
            .map(|digit| digit - b'0')
            .skip_while(|&digit| digit == 0)
            .collect();
        for _ in 0..scale.power_of_1024 {
            times_1024(&mut digits);
        }
        let fraction_length = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        let exponent = scale.power_of_ten.saturating_sub(fraction_length);
        let mut nanos = to_nanos(&digits, exponent);

        let mut format = scale.format;
        if format == Format::Binary {
            nanos = nanos.min(LARGEST_BINARY);
            if nanos < NANOS_PER_UNIT && nanos > 0 {
                format = Format::Decimal;
            }
        }
        Some(Self {
            nanos: if negative { -nanos } else { nanos },
            format,
        })
    }

    /// The whole number of units, if there is no fraction and binary suffixes are of use.
    fn binary_units(&self) -> Option<i128> {
        let units = self.nanos / NANOS_PER_UNIT;
        (self.format == Format::Binary && self.nanos % NANOS_PER_UNIT == 0 && units.abs() >= 1024)
            .then_some(units)
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;
    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

/// The canonical form: no fraction, the largest suffix that loses nothing (`Quantity.CanonicalizeBytes`).
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
        if self.nanos == 0 {
            return write!(f, "0");
        }
        if let Some(units) = self.binary_units() {
            let (number, step) = without_factors(units, 1024, BINARY.len() - 1);
            return write!(f, "{number}{}", BINARY[step]);
        }
        if self.format == Format::Exponent {
            let (number, step) = without_factors(self.nanos, 1000, usize::MAX);
            return match i64::try_from(step).unwrap_or(i64::MAX) * 3 + NANO_EXPONENT {
                0 => write!(f, "{number}"),
                exponent => write!(f, "{number}e{exponent}"),
            };
        }
        let (number, step) = without_factors(self.nanos, 1000, DECIMAL.len() - 1);
        write!(f, "{number}{}", DECIMAL[step])
    }
}

/// The leading digits of a text, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// What a suffix stands for (`suffixHandler.interpret`).
fn scale_of(suffix: &str) -> Option<Scale> {
    let decimal = |power_of_ten| Scale {
        format: Format::Decimal,
        power_of_ten,
        power_of_1024: 0,
    };
    let binary = |power_of_1024| Scale {
        format: Format::Binary,
        power_of_ten: 0,
        power_of_1024,
    };
    Some(match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => Scale {
            format: Format::Exponent,
            power_of_ten: suffix.strip_prefix(['e', 'E'])?.parse().ok()?,
            power_of_1024: 0,
        },
    })
}

/// Multiplies a decimal number, most significant digit first, by 1024.
fn times_1024(digits: &mut Vec<u8>) {
    let mut carry = 0_u32;
    let mut times = |digit: u8| {
        let product = u32::from(digit) * 1024 + carry;
        carry = product / 10;
        last_digit(product)
    };
    for digit in digits.iter_mut().rev() {
        *digit = times(*digit);
    }
    let mut leading = Vec::new();
    while carry > 0 {
        leading.push(last_digit(carry));
        carry /= 10;
    }
    leading.reverse();
    digits.splice(0..0, leading);
}

fn last_digit(number: u32) -> u8 {
    (number % 10).to_le_bytes()[0]
}

/// `digits` times `10^exponent` in nano-units, rounded up; capped where it does not fit.
fn to_nanos(digits: &[u8], exponent: i64) -> i128 {
    let significant = digits
        .iter()
        .rposition(|&digit| digit != 0)
        .map_or(0, |last| last + 1);
    if significant == 0 {
        return 0;
    }
    let dropped_zeros = i64::try_from(digits.len() - significant).unwrap_or(i64::MAX);
    let shift = exponent
        .saturating_add(dropped_zeros)
        .saturating_sub(NANO_EXPONENT);
    // Without trailing zeros, every digit below one nano-unit is a reason to round up.
    let lost = usize::try_from(shift.saturating_neg()).unwrap_or(0);
    let kept = significant.saturating_sub(lost);
    let mut nanos = 0_i128;
    for &digit in &digits[..kept] {
        nanos = nanos.saturating_mul(10).saturating_add(i128::from(digit));
    }
    if lost > 0 {
        return nanos.saturating_add(1);
    }
    // An `i128` has 39 digits: more zeros than that only cap it again.
    for _ in 0..shift.min(39) {
        nanos = nanos.saturating_mul(10);
    }
    nanos
}

fn divide_away_from_zero(nanos: i128, divisor: i128) -> i64 {
    let toward_zero = nanos / divisor;
    let away = match nanos % divisor {
        0 => toward_zero,
        _ => toward_zero + nanos.signum(),
    };
    i64::try_from(away).unwrap_or(if away < 0 { i64::MIN } else { i64::MAX })
}

/// `number` divided by `factor` as often as that leaves no rest, at most `limit` times, and how often that was.
fn without_factors(number: i128, factor: i128, limit: usize) -> (i128, usize) {
    let (mut number, mut times) = (number, 0);
    while times < limit && number % factor == 0 {
        number /= factor;
        times += 1;
    }
    (number, times)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, millis: i64, canonical: &str) {
        let quantity = Quantity::parse(text).expect(text);
        assert_eq!(quantity.milli_value(), millis, "{text} in thousandths");
        assert_eq!(quantity.to_string(), canonical, "{text} printed");
    }

    #[track_caller]
    fn check_bad(text: &str) {
        let error = Quantity::parse(text).expect_err(text);
        assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
    }

    #[test]
    fn every_decimal_suffix_is_read_and_printed() {
        check("0", 0, "0");
        check("-0", 0, "0");
        check("5", 5_000, "5");
        check("250m", 250, "250m");
        check("2500001u", 2501, "2500001u");
        check("999n", 1, "999n");
        check("12k", 12_000_000, "12k");
        check("100M", 100_000_000_000, "100M");
        check("3G", 3_000_000_000_000, "3G");
        check("2T", 2_000_000_000_000_000, "2T");
        check("7P", 7_000_000_000_000_000_000, "7P");
        assert_eq!(
            Quantity::parse("9E").expect("exa").value(),
            9_000_000_000_000_000_000
        );
    }

    #[test]
    fn every_binary_suffix_is_read_and_printed() {
        check("1Ki", 1_024_000, "1Ki");
        check("1.5Mi", 1_572_864_000, "1536Ki");
        check("1.5Gi", 1_610_612_736_000, "1536Mi");
        check("2Ti", 2_199_023_255_552_000, "2Ti");
        check("3Pi", 3_377_699_720_527_872_000, "3Pi");
        assert_eq!(Quantity::parse("4Ei").expect("exbi").value(), 4 << 60);
        check("1025Ki", 1_049_600_000, "1025Ki");
        check("1024Ki", 1_048_576_000, "1Mi");
    }

    #[test]
    fn binary_suffixes_are_dropped_where_they_would_lose_something() {
        check("0.5Ki", 512_000, "512");
        check("0.0001Ki", 103, "102400u");
        check("1.1Ki", 1_126_400, "1126400m");
        check("0Ki", 0, "0");
    }

    #[test]
    fn exponents_keep_their_form() {
        check("1e3", 1_000_000, "1e3");
        check("1E3", 1_000_000, "1e3");
        check("12e6", 12_000_000_000, "12e6");
        check("1e-3", 1, "1e-3");
        check("15e1", 150_000, "150");
        check("1.5e+4", 15_000_000, "15e3");
        check("1e2", 100_000, "100");
    }

    #[test]
    fn signs_and_stray_points_are_read_as_upstream_reads_them() {
        check("+3", 3_000, "3");
        check("-1.5", -1_500, "-1500m");
        check("-2Ki", -2_048_000, "-2Ki");
        check(".5", 500, "500m");
        check("1.", 1_000, "1");
        check("1.Gi", 1_073_741_824_000, "1Gi");
        check("007", 7_000, "7");
        check("00.250", 250, "250m");
        check(".", 0, "0");
        check("m", 0, "0");
    }

    #[test]
    fn what_is_finer_than_a_nano_is_rounded_away_from_zero() {
        check("0.1n", 1, "1n");
        check("1.1n", 1, "2n");
        check("-0.1n", -1, "-1n");
        check("1e-400", 1, "1e-9");
        check("0.0000000001", 1, "1n");
        check("1000000001n", 1001, "1000000001n");
        check("-1500001u", -1501, "-1500001u");
    }

    #[test]
    fn huge_quantities_are_capped() {
        assert_eq!(Quantity::parse("9Ei").expect("big").value(), i64::MAX);
        assert_eq!(Quantity::parse("-9Ei").expect("big").value(), -i64::MAX);
        assert_eq!(Quantity::parse("10E").expect("big").milli_value(), i64::MAX);
        assert_eq!(
            Quantity::parse("-1e999999").expect("big").milli_value(),
            i64::MIN
        );
        let long = "9".repeat(10_000);
        assert_eq!(Quantity::parse(&long).expect("long").value(), i64::MAX);
        assert_eq!(
            Quantity::parse(&format!("0e{}", "9".repeat(18)))
                .expect("zero")
                .value(),
            0
        );
    }

    #[test]
    fn units_round_away_from_zero() {
        assert_eq!(Quantity::parse("1.1").expect("number").value(), 2);
        assert_eq!(Quantity::parse("-1.1").expect("number").value(), -2);
        assert_eq!(Quantity::parse("1n").expect("number").value(), 1);
    }

    #[test]
    fn what_is_no_quantity_says_so() {
        for text in [
            "",
            " 1",
            "1 ",
            "aoeu",
            "1.1.M",
            "1+1.0M",
            "0.1mi",
            "0.1am",
            ".5i",
            "1i",
            "-3.01i",
            "-3.01e-",
            "1e",
            "1e1.5",
            "1K",
            "1KB",
            "1Kib",
            "5 Mi",
            "--1",
            "1e99999999999999999999",
            "１",
            "1e3m",
        ] {
            check_bad(text);
        }
    }

    #[test]
    fn equality_looks_at_the_value_alone() {
        assert_eq!(Quantity::parse("1Ki"), Quantity::parse("1024"));
        assert!(Quantity::parse("1Ki").ok() > Quantity::parse("1k").ok());
        assert_eq!(
            Quantity::from_milli(1500),
            Quantity::parse("1.5").expect("number")
        );
    }

    #[test]
    fn floats_are_the_canonical_number_times_its_power() {
        #[track_caller]
        fn check_float(text: &str, bits: f64) {
            let float = Quantity::parse(text).expect(text).to_f64();
            assert_eq!(float.to_bits(), bits.to_bits(), "{text} is {float}");
        }
        check_float("0", 0.0);
        check_float("100m", 100.0 * 1e-3);
        check_float("0.15", 150.0 * 1e-3);
        check_float("9m", 9.0 * 1e-3);
        check_float("2k", 2000.0);
        check_float("-1.5", -1500.0 * 1e-3);
    }

    proptest! {
        #[test]
        fn the_canonical_form_reads_back(
            number in -1_000_000_000_000_i64..1_000_000_000_000,
            places in 0_usize..12,
            suffix in prop::sample::select(vec![
                "n", "u", "m", "", "k", "M", "G", "Ki", "Mi", "Gi", "e0", "e5", "E-2",
            ]),
        ) {
            let fraction = "7".repeat(places);
            let text = format!("{number}.{fraction}{suffix}");
            let quantity = Quantity::parse(&text).expect("well formed");
            let again = Quantity::parse(&quantity.to_string()).expect("canonical");
            prop_assert_eq!(quantity, again);
            prop_assert_eq!(quantity.to_string(), again.to_string());
        }

        #[test]
        fn no_text_panics(text in "[-+]?[0-9.]{0,60}[eEinumkKMGTP]{0,3}[-+]?[0-9]{0,20}") {
            let _ = Quantity::parse(&text).map(|quantity| (quantity.milli_value(), quantity.to_string()));
        }
    }
}
