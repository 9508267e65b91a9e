//! Aliases that lead nowhere or back to themselves.

use super::{Facts, Kind, Problem};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(facts: &Facts) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mailboxes: BTreeSet<&str> = facts.mailboxes.iter().map(|m| m.address.as_str()).collect();
    let domain = |address: &str| address.rsplit_once('@').map_or(String::new(), |(_, d)| d.to_owned());
    let ours: BTreeSet<String> =
        mailboxes.iter().copied().chain(facts.aliases.keys().map(String::as_str)).map(domain).collect();
    for (alias, targets) in &facts.aliases {
        // `x@d → x@d, copy@e` keeps the mailbox: the way that Postfix documents for a catch-all beside mailboxes.
        let itself = targets.contains(alias) && mailboxes.contains(alias.as_str());
        if mailboxes.contains(alias.as_str()) && !itself {
            problems.push(Problem { kind: Kind::MailboxAndAlias, subject: alias.clone(), detail: targets.join(", ") });
        }
        for target in targets {
            let known = mailboxes.contains(target.as_str())
                || facts.aliases.contains_key(target)
                || facts.aliases.contains_key(&format!("@{}", domain(target)));
            if ours.contains(&domain(target)) && !known {
                problems.push(Problem {
                    kind: Kind::AliasTargetMissing,
                    subject: alias.clone(),
                    detail: target.clone(),
                });
            }
        }
    }
    problems.extend(loops(&facts.aliases, &mailboxes));
    problems
}

/// Walks every alias once; a node met again on its own path closes a loop, told once from its smallest member.
fn loops(aliases: &BTreeMap<String, Vec<String>>, mailboxes: &BTreeSet<&str>) -> Vec<Problem> {
    let mut found = BTreeMap::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in aliases.keys() {
        // An explicit stack: a chain of a hundred thousand aliases must not overflow the thread's.
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        let mut on_path: BTreeSet<&str> = [start.as_str()].into();
        while let Some((node, next)) = path.last_mut() {
            let node: &str = node;
            let target = if done.contains(node) { None } else { aliases.get(node).and_then(|t| t.get(*next)) };
            *next += 1;
            let Some(target) = target else {
                done.insert(node);
                on_path.remove(node);
                path.pop();
                continue;
            };
            if target == node && mailboxes.contains(node) {
                continue;
            }
            if on_path.contains(target.as_str()) {
                let at = path.iter().position(|(n, _)| *n == target).unwrap_or(0);
                let mut ring: Vec<&str> = path.iter().skip(at).map(|(n, _)| *n).collect();
                let least = ring.iter().enumerate().min_by_key(|(_, n)| **n).map_or(0, |(i, _)| i);
                ring.rotate_left(least);
                if let Some(&first) = ring.first() {
                    let way = ring.iter().copied().chain([first]).collect::<Vec<_>>().join(" → ");
                    found.insert(first.to_owned(), way);
                }
            } else if aliases.contains_key(target) {
                on_path.insert(target);
                path.push((target, 0));
            }
        }
    }
    found.into_iter().map(|(subject, detail)| Problem { kind: Kind::AliasLoop, subject, detail }).collect()
}
