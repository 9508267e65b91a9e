//! Markdown to HTML.

use pulldown_cmark::{Alignment, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// An address of the handbook's files as one of the panel's.
fn rewritten(url: &str) -> String {
    if url.contains("://") || url.starts_with('#') || url.starts_with("mailto:") {
        return url.to_owned();
    }
    let (path, rest) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let file = path.rsplit('/').next().unwrap_or(path);
    if path.contains("images/") {
        return format!("/help/images/{file}");
    }
    match file.strip_suffix(".md") {
        // Files of the project that are no pages of the handbook.
        Some("ARCHITECTURE" | "CONTRIBUTING" | "CHANGELOG") => "/help".to_owned(),
        Some("README") | None => format!("/help{rest}"),
        Some(name) => format!("/help/{name}{rest}"),
    }
}

fn slug(text: &str) -> String {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    words.join("-")
}

/// The title of a text, and the text as HTML. HTML inside it is shown as text.
#[must_use]
pub(super) fn render(text: &str) -> (String, String) {
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES)
        .map(|event| match event {
            Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
            // Alignment would be written as a style, which the policy of the pages forbids.
            Event::Start(Tag::Table(columns)) => Event::Start(Tag::Table(vec![Alignment::None; columns.len()])),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) if link_type != LinkType::Email => {
                Event::Start(Tag::Link { link_type, dest_url: rewritten(&dest_url).into(), title, id })
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                Event::Start(Tag::Image { link_type, dest_url: rewritten(&dest_url).into(), title, id })
            }
            other => other,
        })
        .collect();
    let mut title = String::new();
    for at in 0..events.len() {
        let words: String = events
            .iter()
            .skip(at + 1)
            .take_while(|e| !matches!(e, Event::End(TagEnd::Heading(_))))
            .filter_map(|e| match e {
                Event::Text(t) | Event::Code(t) => Some(t.as_ref()),
                _ => None,
            })
            .collect();
        if let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(at) {
            *id = Some(slug(&words).into());
            if title.is_empty() {
                title = words;
            }
        }
    }
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, events.into_iter());
    (title, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handbook::{IMAGES, PAGES};

    #[test]
    fn links_lead_into_the_panel_and_html_is_text() {
        let (title, html) = render(
            "# A & b\n\n[x](zones.md#one) [y](../README.md) ![z](../images/zone.png) <b onclick=x>\n\n| a |\n|--:|\n| 1 |\n",
        );
        assert_eq!(title, "A & b");
        assert!(html.contains("href=\"/help/zones#one\"") && html.contains("href=\"/help\""), "{html}");
        assert!(html.contains("src=\"/help/images/zone.png\"") && html.contains("id=\"a-b\""), "{html}");
        assert!(!html.contains("<b onclick") && !html.contains("style="), "{html}");
    }

    #[test]
    fn every_link_of_the_handbook_leads_somewhere() {
        for (name, de, en) in PAGES {
            for text in [de, en] {
                let (title, html) = render(text);
                assert!(!title.is_empty(), "{name}");
                for part in html.split("=\"/help").skip(1) {
                    let target = part.split(['"', '#']).next().unwrap_or_default().trim_start_matches('/');
                    let known = target.is_empty()
                        || PAGES.iter().any(|(n, ..)| *n == target)
                        || IMAGES.iter().any(|(n, _)| target == format!("images/{n}"));
                    assert!(known, "{name}: /help/{target}");
                }
            }
        }
    }
}
