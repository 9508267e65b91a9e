//! rspamd: what judges arriving mail and signs one's own. The stock configuration stays; these files stand in its `local.d`.

use super::{Server, SigningKey, SpamLevel, postfix};
use std::{collections::BTreeMap, fmt::Write as _};

/// Port at which Postfix asks.
pub(super) const PORT: &str = "11332";

/// Above a score mail is marked, above another it is refused. Nothing is delayed to see whether it comes again.
fn actions() -> String {
    format!("reject = {};\nadd_header = {};\ngreylist = null;\n", SpamLevel::REFUSE_AT, SpamLevel::MARK_AT)
}

/// Domains that judge otherwise (rspamd, "User settings"). A mail to several domains is judged by one of them.
fn settings(levels: &[SpamLevel]) -> String {
    let mut out = String::new();
    for SpamLevel { domain, mark_at, refuse_at } in levels {
        let _ = writeln!(
            out,
            "\"{domain}\" {{\n  rcpt = \"@{domain}\";\n  apply {{\n    actions {{\n      reject = {refuse_at};\n      \"add header\" = {mark_at};\n      greylist = null;\n    }}\n  }}\n}}"
        );
    }
    out
}

/// Who may have mail signed: those who logged in, and what Postfix calls ORIGINATING. Rspamd's own `sign_local` would sign for
/// whoever reaches a port of the machine from a private network.
const SIGNING: &str = r#"path = "$LOCAL_CONFDIR/dkim/$domain.$selector.key";
sign_authenticated = true;
sign_local = false;
sign_networks = ["127.0.0.0/8", "::1"];
use_domain = "header";
use_domain_custom = <<EOD
return function(task)
  local from = task:get_from('mime')
  local domain = from and from[1] and from[1].domain
  if not domain then return nil end
  domain = domain:lower()
  local user = task:get_user()
  if user then
    -- An answer without a sender is signed for the domain of whoever logged in only.
    local env = task:get_from('smtp')
    if #((env and env[1] and env[1].addr) or '') == 0
       and (user:match('@([^@]+)$') or ''):lower() ~= domain then
      return nil
    end
  elseif tostring(task:get_request_header('MTA-Name')) ~= 'ORIGINATING' then
    return nil
  end
  return domain
end
EOD;
use_esld = false;
use_redis = false;
check_pubkey = false;
try_fallback = false;
# Postfix has checked whose address the sender is.
allow_username_mismatch = true;
allow_hdrfrom_mismatch = false;
allow_hdrfrom_multiple = false;
allow_envfrom_empty = true;
"#;

/// Stars that mailboxes sort by. What a sender wrote of the kind goes, also where there are no stars to set.
const HEADERS: &str = r#"use = ["hostler"];
custom {
  hostler = <<EOD
return function(task, common)
  local add, remove = {}, {}
  task:headers_foreach(function(name)
    local l = name:lower()
    if l == 'x-spam' or l:sub(1, 7) == 'x-spam-' then
      remove[name] = 0
    end
  end)
  local score = task:get_metric_score()[1] or 0
  if score >= 1 then
    add['X-Spam-Level'] = string.rep('*', math.min(math.floor(score), 50))
  end
  return nil, add, remove, {}
end
EOD;
}
"#;

/// The files below the folder, the keys apart: those are for the signer's eyes.
pub(super) fn files(server: &Server, keys: &[SigningKey], levels: &[SpamLevel]) -> Vec<(String, String)> {
    let mut signing = String::from(SIGNING);
    let mut domains: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for key in keys {
        domains.entry(key.domain.as_str()).or_default().push(key.selector.as_str());
    }
    // Only this form takes more than one key for a domain.
    signing.push_str("domain {\n");
    for (domain, selectors) in domains {
        let _ = write!(signing, "  \"{domain}\" {{ selectors [ ");
        let selectors: Vec<_> = selectors.iter().map(|s| format!("{{ selector = \"{s}\" }}")).collect();
        let _ = writeln!(signing, "{} ] }}", selectors.join(", "));
    }
    signing.push_str("}\n");
    let proxy = format!(
        "bind_socket = \"{}\";\nmilter = yes;\ntimeout = 120s;\nupstream \"local\" {{\n  default = yes;\n  self_scan = yes;\n}}\n",
        postfix::host_port(&server.inner(), PORT)
    );
    let controller = "bind_socket = \"$RUNDIR/controller.sock mode=0660 owner=_rspamd\";\n";
    let (actions, settings) = (actions(), settings(levels));
    let mut files: Vec<(String, String)> = [
        ("actions.conf", actions.as_str()),
        ("settings.conf", &settings),
        ("greylist.conf", "enabled = false;\n"),
        ("milter_headers.conf", HEADERS),
        ("dkim_signing.conf", &signing),
        ("worker-controller.inc", controller),
        ("worker-normal.inc", "enabled = false;\n"),
        ("worker-proxy.inc", &proxy),
    ]
    .map(|(name, text)| (format!("rspamd/local.d/{name}"), format!("# Made by Hostler.\n{text}")))
    .into();
    // Which keys there are to be: `activate` takes the others away when nobody signs with them any more.
    let names: String = keys.iter().map(|k| format!("{}.{}.key\n", k.domain, k.selector)).collect();
    files.push(("rspamd/keys".to_owned(), names));
    for key in keys {
        let (domain, selector) = (&key.domain, &key.selector);
        files.push((format!("rspamd/dkim/{domain}.{selector}.key"), key.key.expose().to_owned()));
    }
    files
}
