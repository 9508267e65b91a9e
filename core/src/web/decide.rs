//! What becomes of a homepage, and what the looks at it speak for.
//!
//! People decide. A [`Decision`] is proposed by what is known: dropping only where two witnesses who do not depend on one another
//! say that nobody would miss it, and never where the domain's mail is used.

use super::{Class, Signal};
use crate::coded::coded;

coded! {
    /// What becomes of a homepage.
    Decision {
        /// Nobody has said anything.
        Undecided = "undecided";
        /// It goes to the new machine.
        Move = "move";
        /// Its customer is to be asked.
        Ask = "ask";
        /// It stays behind: archived after a letter and a time in which its customer can object.
        Drop = "drop";
        /// It is served elsewhere, and that is well.
        Elsewhere = "elsewhere";
    }
}

/// Who says that nobody would miss a homepage. None of them depends on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// What is shown under its name.
    Page,
    /// The DNS: there is no way to it.
    Dns,
    /// What our own server has for it, whatever the DNS says.
    OldServer,
    /// The logs: nobody came.
    Logs,
    /// Its files: nobody has touched them for long.
    Files,
}

/// Files that nobody has touched for two years speak for nobody.
pub const UNTOUCHED: i64 = 2 * 365 * 86_400;

/// What is known of a homepage when it is proposed what becomes of it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// What it is held to be.
    pub class: Class,
    /// Whether the last look says otherwise.
    pub in_doubt: bool,
    /// What the last look's verdict rests on.
    pub signals: &'k [Signal],
    /// Whether it is meant to lead elsewhere.
    pub is_redirect: bool,
    /// Whether mail of its domain is used.
    pub mail_is_used: bool,
    /// People's visits in the last 90 days, as logs say; none if no log was read.
    pub hits: Option<u64>,
    /// When something was uploaded last, in seconds since 1970, if anybody knows.
    pub uploaded: Option<i64>,
    /// Now, in seconds since 1970.
    pub now: i64,
}

/// Those who say that nobody would miss it; empty as soon as somebody says that he would.
#[must_use]
pub fn witnesses(known: &Known<'_>) -> Vec<Witness> {
    if known.mail_is_used || known.hits.is_some_and(|h| h > 0) || !known.class.is_dead() {
        return Vec::new();
    }
    let says = |name: &str| known.signals.iter().any(|s| s.supports && s.name == name);
    let mut all = Vec::new();
    match known.class {
        Class::Nxdomain | Class::NoAddress => all.push(Witness::Dns),
        // Where it is served by others, that is no death.
        Class::MovedAway => {}
        // Who is asked too much, or is being mended, says nothing of what it has.
        Class::Error
            if known.signals.iter().any(|s| s.name == "status" && matches!(s.value.as_str(), "429" | "503")) => {}
        _ => all.push(Witness::Page),
    }
    if says("old_server") {
        all.push(Witness::OldServer);
    }
    if known.hits == Some(0) {
        all.push(Witness::Logs);
    }
    if known.uploaded.is_some_and(|at| known.now - at > UNTOUCHED) {
        all.push(Witness::Files);
    }
    all
}

/// What is proposed; nothing as long as the last look contradicts those before it.
#[must_use]
pub fn propose(known: &Known<'_>) -> Option<Decision> {
    if known.in_doubt {
        return None;
    }
    Some(match known.class {
        Class::Alive | Class::AliveTlsBroken => Decision::Move,
        Class::RedirectElsewhere if known.is_redirect => Decision::Move,
        Class::RedirectElsewhere | Class::Stale | Class::DnsBroken => Decision::Ask,
        Class::MovedAway => Decision::Elsewhere,
        _ if witnesses(known).len() >= 2 => Decision::Drop,
        _ => Decision::Ask,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(class: Class) -> Known<'static> {
        Known {
            class,
            in_doubt: false,
            signals: &[],
            is_redirect: false,
            mail_is_used: false,
            hits: None,
            uploaded: None,
            now: 1_800_000_000,
        }
    }

    #[test]
    fn what_lives_moves_and_one_witness_drops_nothing() {
        assert_eq!(propose(&known(Class::Alive)), Some(Decision::Move));
        assert_eq!(propose(&known(Class::MovedAway)), Some(Decision::Elsewhere));
        for class in Class::ALL.into_iter().filter(|c| c.is_dead() && *c != Class::MovedAway) {
            let one = known(class);
            assert_eq!(propose(&one), Some(Decision::Ask), "{class:?}");
            let two = Known { hits: Some(0), ..one };
            assert_eq!(propose(&two), Some(Decision::Drop), "{class:?}");
            assert_eq!(propose(&Known { mail_is_used: true, ..two }), Some(Decision::Ask), "{class:?}: mail is used");
            assert_eq!(propose(&Known { hits: Some(3), uploaded: Some(0), ..one }), Some(Decision::Ask), "{class:?}");
            assert_eq!(propose(&Known { in_doubt: true, ..two }), None, "{class:?}");
        }
    }

    #[test]
    fn the_witnesses_are_different_ones() {
        let old = [Signal { name: "old_server".to_owned(), value: "404".to_owned(), supports: true }];
        let k = Known { signals: &old, uploaded: Some(1_600_000_000), ..known(Class::Nxdomain) };
        assert_eq!(witnesses(&k), [Witness::Dns, Witness::OldServer, Witness::Files]);
        let lately = Known { uploaded: Some(1_790_000_000), ..k };
        assert_eq!(witnesses(&lately), [Witness::Dns, Witness::OldServer]);
        assert!(witnesses(&Known { class: Class::Alive, ..k }).is_empty());
        assert!(Decision::ALL.into_iter().all(|d| Decision::parse(d.as_str()) == Some(d)));
    }

    #[test]
    fn a_redirect_that_is_meant_to_be_one_moves() {
        let meant = Known { is_redirect: true, ..known(Class::RedirectElsewhere) };
        assert_eq!(propose(&meant), Some(Decision::Move));
        assert_eq!(propose(&known(Class::RedirectElsewhere)), Some(Decision::Ask));
    }
}
