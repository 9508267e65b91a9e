//! What registries ask of a zone's SOA before they delegate to it.

use super::rdata::Soa;
use serde::{Deserialize, Serialize};

/// The ranges of one registry, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryProfile {
    /// The top-level domain without a dot, such as `de`; `*` for all others.
    pub tld: String,
    /// Shortest and longest refresh.
    pub refresh: [u32; 2],
    /// Shortest and longest retry.
    pub retry: [u32; 2],
    /// Shortest and longest expire.
    pub expire: [u32; 2],
    /// Shortest and longest negative TTL.
    pub minimum: [u32; 2],
}

/// The profiles used unless the settings say otherwise: DENIC's for `.de` (registrars publish them, for instance
/// Joker's "specific ccTLDs: name servers"), and RIPE-203's advice, widened, for the rest.
#[must_use]
pub fn defaults() -> Vec<RegistryProfile> {
    vec![
        RegistryProfile {
            tld: "de".to_owned(),
            refresh: [10_000, 86_400],
            retry: [1_800, 28_800],
            expire: [604_800, 3_600_000],
            minimum: [180, 345_600],
        },
        RegistryProfile {
            tld: "*".to_owned(),
            refresh: [1_200, 86_400],
            retry: [120, 28_800],
            expire: [604_800, 4_000_000],
            minimum: [60, 345_600],
        },
    ]
}

impl RegistryProfile {
    /// The values outside the ranges: which, its value, least and most.
    #[must_use]
    pub fn violations(&self, soa: &Soa) -> Vec<(&'static str, u32, [u32; 2])> {
        let checks = [
            ("refresh", soa.refresh, self.refresh),
            ("retry", soa.retry, self.retry),
            ("expire", soa.expire, self.expire),
            ("minimum", soa.minimum, self.minimum),
        ];
        checks.into_iter().filter(|(_, value, [least, most])| value < least || value > most).collect()
    }
}
