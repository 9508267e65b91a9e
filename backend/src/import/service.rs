//! The use cases of an import: plan it, apply it.

use super::{plan, plan::Plan};
use hostler_core::{
    dns::{Serial, profile::RegistryProfile, writer},
    names::display_unicode,
    reconcile::reconcile,
};
use hostler_papers::{Papers, files::PaperFiles};
use hostler_store::{Scope, Store, StoreError, Tx, audit::Change};
use std::collections::HashMap;
use uuid::Uuid;

use crate::platform::clock::Clock;

/// Where papers come from and belong.
#[derive(Debug, Clone, Copy)]
pub struct Target<'t> {
    /// Name of the folder or archive.
    pub source: &'t str,
    /// The import that an upload made.
    pub import: Option<Uuid>,
    /// The provider's own mail servers, if the settings name them.
    pub own_mail_hosts: &'t [String],
}

/// Plans an import of `papers` and, unless it is a dry run, applies it: everything or nothing.
///
/// # Errors
/// When the database fails; then nothing happened.
pub async fn run(
    store: &Store,
    scope: &Scope,
    clock: Clock,
    papers: Papers,
    target: Target<'_>,
    dry_run: bool,
) -> Result<Plan, StoreError> {
    let mut tx = store.begin(scope, clock.now()).await?;
    tx.lock_imports().await?;
    if !dry_run {
        tx.lock_zones().await?;
    }
    let known = tx.known_rows().await?;
    let (refused, files) = (papers.refused.clone(), papers.files.clone());
    let (mut plan, writes) = plan::make(papers, &known);
    let domains: Vec<_> = writes.papers.domains.iter().map(|d| &d.row).collect();
    let places: HashMap<&str, _> = writes.papers.domains.iter().map(|d| (d.row.name.as_str(), d)).collect();
    for (name, old, new) in tx.domains_changing_hands(&domains).await? {
        let Some(at) = places.get(name.as_str()) else { continue };
        let whose = |number: Option<String>| number.unwrap_or_else(|| "nobody".to_owned());
        plan.moving.push(plan::Note {
            file: at.file.clone(),
            line: i32::try_from(at.line).ok(),
            reason: format!("{name} goes from customer {} to {}", whose(old), whose(new)),
        });
    }
    if dry_run {
        return Ok(plan);
    }
    let changes = plan.create.total() + plan.update.total();
    write(&mut tx, writes.papers, target.source).await?;
    tx.drop_mended_refusals(&files, &refused).await?;
    tx.keep_refusals(target.import, &refused).await?;
    if changes > 0 {
        tx.audit(
            Change::new("import", ("import", target.source), target.source).after(Some(&(plan.create, plan.update))),
        )
        .await?;
    }
    refresh_problems(&mut tx, target.own_mail_hosts).await?;
    tx.commit().await?;
    store.fold_counts().await?;
    Ok(plan)
}

/// Finds the problems anew and keeps them for the pages.
///
/// # Errors
/// When the database fails.
pub async fn refresh_problems(tx: &mut Tx, own_mail_hosts: &[String]) -> Result<usize, StoreError> {
    let mut facts = tx.facts().await?;
    facts.own_mail_hosts = own_mail_hosts.iter().map(|h| h.trim_end_matches('.').to_ascii_lowercase()).collect();
    let problems = reconcile(&facts);
    tx.replace_problems(&problems).await?;
    Ok(problems.len())
}

/// The longest domain that a name is or lies below.
fn enclosing<T: Copy>(ids: &HashMap<String, T>, name: &str) -> Option<T> {
    let mut rest = name.trim_start_matches("*.");
    loop {
        if let Some(id) = ids.get(rest) {
            return Some(*id);
        }
        rest = rest.split_once('.')?.1;
    }
}

async fn write(tx: &mut Tx, papers: Papers, source: &str) -> Result<(), StoreError> {
    let customers: Vec<_> = papers.customers.into_iter().map(|s| s.row).collect();
    tx.put_customers(&customers).await?;
    let domains: Vec<_> = papers
        .domains
        .into_iter()
        .map(|s| {
            let unicode = display_unicode(&s.row.name);
            (s.row, unicode)
        })
        .collect();
    for moved in tx.put_domains(&domains).await? {
        // Both see it: whose it was, and whose it is.
        for customer in [moved.old, moved.new].into_iter().flatten() {
            let change = Change::new("move-domain", ("domain", moved.id), &moved.name).customer(Some(customer));
            tx.audit(change.before(Some(&moved.old_number)).after(Some(&moved.new_number))).await?;
        }
    }
    let names: Vec<String> = papers.zones.iter().map(|z| z.row.name.clone()).collect();
    let unicode: Vec<String> = names.iter().map(|n| display_unicode(n)).collect();
    tx.ensure_domains(&names, &unicode).await?;
    let ids = tx.domain_ids().await?;
    let served = tx.published_serials(&names).await?;
    let zones: Vec<_> = papers
        .zones
        .into_iter()
        .map(|s| {
            let mut zone = s.row;
            // A serial that secondaries have seen must never come again (RFC 1982), whatever the papers say.
            if let (Some((serial, content)), Some(&last)) = (&mut zone.publish, served.get(&zone.name))
                && !Serial(*serial).is_after(Serial(last))
            {
                let now = tx.now().date_naive();
                let next = next_serial(Serial(last), now);
                zone.zone.set_serial(next);
                (*serial, *content) = (next.0, writer::canonical(&zone.zone));
            }
            let (unicode, domain) = (display_unicode(&zone.name), ids.get(&zone.name).copied());
            (zone, unicode, domain)
        })
        .collect();
    tx.put_zones(&zones, &format!("import: {source}")).await?;
    let homepages: Vec<_> = papers
        .homepages
        .into_iter()
        .map(|s| (hostler_papers::unicode(&s.row.name), enclosing(&ids, &s.row.name), s.row))
        .map(|(unicode, domain, row)| (row, unicode, domain))
        .collect();
    tx.put_homepages(&homepages).await?;
    let domain_of = |address: &str| address.rsplit_once('@').and_then(|(_, d)| enclosing(&ids, d));
    let mailboxes: Vec<_> = papers
        .mailboxes
        .into_iter()
        .map(|s| (s.row.password_hash.as_deref().map(hostler_papers::scheme), domain_of(&s.row.address), s.row))
        .map(|(scheme, domain, row)| (row, scheme, domain))
        .collect();
    tx.put_mailboxes(&mailboxes).await?;
    let aliases: Vec<_> =
        papers.aliases.into_iter().map(|s| (domain_of(&s.row.address), s.row)).map(|(d, r)| (r, d)).collect();
    tx.put_aliases(&aliases).await?;
    Ok(())
}

/// The serial after `last` on that day.
#[must_use]
pub fn next_serial(last: Serial, day: chrono::NaiveDate) -> Serial {
    use chrono::Datelike;
    let small = |n: u32| u8::try_from(n).unwrap_or(1);
    last.next(u16::try_from(day.year()).unwrap_or(2026), small(day.month()), small(day.day()))
}

/// Reads papers off the calling thread: hundreds of zones are parsed and judged.
///
/// # Errors
/// When the thread cannot be had.
pub async fn read_papers(
    files: PaperFiles,
    profiles: Vec<RegistryProfile>,
    mut step: impl FnMut(usize, usize, &str) + Send + 'static,
) -> Result<Papers, tokio::task::JoinError> {
    tokio::task::spawn_blocking(move || Papers::read(&files, &profiles, &mut step)).await
}
