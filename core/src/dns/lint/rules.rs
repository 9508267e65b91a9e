//! The rules, each with its weight, its source and its sentence.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Stops publishing.
    Error,
    /// Informs.
    Warning,
}

macro_rules! rules {
    ($($name:ident $code:literal $severity:ident $fatal:literal $source:literal $template:literal;)*) => {
        /// Something that a zone may get wrong. The sentence of each stands in [`Rule::template`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the template is the documentation")]
        pub enum Rule { $($name),* }

        impl Rule {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the API, in catalogues of texts and in filters; never changes.
            #[must_use]
            pub fn code(self) -> &'static str { match self { $(Self::$name => $code),* } }

            /// Its weight.
            #[must_use]
            pub fn severity(self) -> Severity { match self { $(Self::$name => Severity::$severity),* } }

            /// Whether BIND, NSD or Knot refuses the zone for it, or drops data without a word.
            #[must_use]
            pub fn fatal(self) -> bool { match self { $(Self::$name => $fatal),* } }

            /// Where it is written.
            #[must_use]
            pub fn source(self) -> &'static str { match self { $(Self::$name => $source),* } }

            /// The English sentence; `{0}`, `{1}`, … are the finding's arguments.
            #[must_use]
            pub fn template(self) -> &'static str { match self { $(Self::$name => $template),* } }
        }
    };
}

rules! {
    NoSoa "no-soa" Error true "RFC 1035 §5.2" "the zone has no SOA record at its apex";
    SeveralSoa "several-soa" Error true "RFC 1035 §5.2" "the zone has {0} different SOA records";
    SoaElsewhere "soa-elsewhere" Error true "RFC 1035 §5.2" "a SOA record stands below the apex";
    NoNs "no-ns" Error true "RFC 1035 §5.2" "the zone has no NS record at its apex";
    OutOfZone "out-of-zone" Error true "RFC 1035 §5.2" "{0} is not in this zone; servers ignore it or refuse the zone";
    CnameAndOther "cname-and-other" Error true "RFC 1034 §3.6.2, RFC 2181 §10.1" "{0} has a CNAME beside other data ({1})";
    SeveralCnames "several-cnames" Error true "RFC 2181 §10.1" "{0} has {1} CNAME records, one is allowed";
    SeveralDnames "several-dnames" Error true "RFC 6672 §2.4" "{0} has {1} DNAME records, one is allowed";
    DsAtApex "ds-at-apex" Error true "RFC 4035 §2.4" "a DS record stands at the apex; it belongs into the zone above";
    DigestLength "digest-length" Error true "RFC 4034 §5.1.4, RFC 4255 §3.1.3" "the digest of the {0} record has {1} octets, its type has {2}";
    SetTooLarge "set-too-large" Error true "RFC 1035 §4.2.2" "the {1} records of {0} have {2} octets together, more than an answer can carry";
    WildcardNs "wildcard-ns" Error true "RFC 4592 §4.2" "a wildcard cannot be delegated";
    NsToCname "target-is-cname" Error true "RFC 2181 §10.3" "NS points to {0}, which is a CNAME";
    TargetIsCname "target-is-cname" Error false "RFC 2181 §10.3, RFC 2782" "{1} points to {0}, which is a CNAME";
    TargetIsAddress "target-is-address" Error false "RFC 1035 §3.3, RFC 2782" "{1} points to {0}, which is an address and not a name";
    TargetMissing "target-missing" Error false "RFC 5321 §5.1" "{1} points to {0}, which has no address in this zone";
    NsWithoutAddress "ns-without-address" Error true "RFC 1034 §4.2.1" "the name server {0} has no address in this zone";
    MissingGlue "missing-glue" Error true "RFC 1034 §4.2.1" "the delegation's name server {0} lies below it and has no address (glue)";
    BelowDname "below-dname" Error true "RFC 6672 §2.4" "{0} lies below the DNAME at {1} and cannot exist";
    RelativeSlip "relative-slip" Error false "RFC 1035 §5.1" "{1} points to {0}: the final dot is missing, so the zone's name was added to it";
    SpfSeveral "spf-several" Error false "RFC 7208 §3.2" "{0} has {1} SPF records; receivers then take none (permerror)";
    SpfLookups "spf-lookups" Error false "RFC 7208 §4.6.4" "the SPF record needs at least {0} DNS lookups, 10 are allowed";
    NullMxAndOther "null-mx-and-other" Error false "RFC 7505 §3" "{0} has a null MX (\"0 .\") beside other MX records";
    SpfSyntax "spf-syntax" Warning false "RFC 7208 §4.6.1" "the SPF record cannot be read at `{0}`";
    SpfPtr "spf-ptr" Warning false "RFC 7208 §5.5" "the SPF record uses ptr, which must not be used any more";
    SpfType "spf-type" Warning false "RFC 7208 §3.1" "records of type SPF are no longer read; use TXT";
    DmarcSyntax "dmarc-syntax" Warning false "RFC 9989 §4.7" "the DMARC record cannot be read at `{0}`";
    DmarcSeveral "dmarc-several" Warning false "RFC 9989 §4.10" "{0} has {1} DMARC records; receivers then take none";
    DkimSyntax "dkim-syntax" Warning false "RFC 6376 §3.6.1" "the DKIM key cannot be read: {0}";
    MtaStsSyntax "mta-sts-syntax" Warning false "RFC 8461 §3.1" "the MTA-STS record cannot be read: {0}";
    TlsrptSyntax "tlsrpt-syntax" Warning false "RFC 8460 §3" "the TLS-RPT record cannot be read: {0}";
    TextCut "text-cut" Warning false "RFC 1035 §5.1" "the text ends at an unquoted semicolon on line {0}; what follows is lost";
    BelowDelegation "below-delegation" Warning false "RFC 1034 §4.2.1" "{0} lies at or below the delegation of {1} and is never answered";
    DsWithoutNs "ds-without-ns" Warning false "RFC 4035 §2.4" "a DS record stands where nothing is delegated";
    RelativeSlipOwner "relative-slip-owner" Warning false "RFC 1035 §5.1" "{0} holds the zone's name twice: the final dot is probably missing";
    SrvTargetMissing "target-missing" Warning false "RFC 2782" "{1} points to {0}, which has no address in this zone";
    TtlDiffers "ttl-differs" Warning false "RFC 2181 §5.2" "the {1} records of {0} have different TTLs; the first is used";
    Duplicate "duplicate" Warning false "RFC 2181 §5" "the same {1} record stands twice at {0}";
    UnderscoreHost "underscore-host" Warning false "RFC 952, RFC 1123 §2.1" "{0} is not a host name: letters, digits and hyphens only";
    SoaProfile "soa-profile" Warning false "registry's name server check" "SOA {0} is {1}, the registry of .{4} wants {2} to {3}";
    TtlLong "ttl-long" Warning false "RFC 2181 §8" "the TTL of {0} seconds is over a week: changes are seen late";
}
