//! So many requests a second to one address, however many homepages lie behind it.

use std::{collections::HashMap, net::IpAddr, sync::Mutex, time::Duration};
use tokio::time::Instant;

/// When the next request to each address may begin.
#[derive(Default)]
pub(super) struct Pace(Mutex<HashMap<IpAddr, Instant>>);

impl Pace {
    /// Waits for its turn. `rate` is in requests a second.
    pub(super) async fn turn(&self, address: IpAddr, rate: u32) {
        tokio::time::sleep_until(self.slot(address, rate, Instant::now())).await;
    }

    /// When the next request may begin; the one after it comes later.
    fn slot(&self, address: IpAddr, rate: u32, now: Instant) -> Instant {
        // Whoever held it has panicked; the pace is not worth ending for.
        let Ok(mut next) = self.0.lock() else { return now };
        let slot = next.entry(address).or_insert(now);
        let at = (*slot).max(now);
        *slot = at + Duration::from_secs(1) / rate.max(1);
        at
    }

    /// Puts the next request to an address off, as its server asked.
    pub(super) fn put_off(&self, address: IpAddr, until: Instant) {
        if let Ok(mut next) = self.0.lock() {
            let slot = next.entry(address).or_insert(until);
            *slot = (*slot).max(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_waits_and_another_does_not() {
        let (pace, now) = (Pace::default(), Instant::now());
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let slots: Vec<u128> = (0..4).map(|_| (pace.slot(one, 2, now) - now).as_millis()).collect();
        assert_eq!(slots, [0, 500, 1000, 1500], "two a second");
        assert_eq!(pace.slot(other, 2, now), now);
        let later = now + Duration::from_secs(7);
        pace.put_off(other, later);
        assert_eq!(pace.slot(other, 2, now), later);
        // Whoever has not asked for long does not make up for it.
        let hour = now + Duration::from_secs(3600);
        assert_eq!((pace.slot(one, 2, hour), pace.slot(one, 2, hour)), (hour, hour + Duration::from_millis(500)));
    }
}
