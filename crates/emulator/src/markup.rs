//! Fills templates, so that text from a request never becomes markup.

use std::fmt;

/// Text that may stand in a page as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromIterator<Self> for Markup {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

/// Escapes text for an element or a quoted attribute, of HTML as of XML.
pub(crate) fn escape(text: &str) -> Markup {
    Markup(html_escape::encode_quoted_attribute(text).into_owned())
}

/// Replaces each `{{name}}` of the template. A value is not searched for names again.
pub(crate) fn render(template: &str, values: &[(&str, &Markup)]) -> Markup {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        debug_assert!(value.is_some(), "the template names an unknown value {name}");
        page.push_str(value.map_or("", |(_, value)| &value.0));
        rest = after;
    }
    page.push_str(rest);
    Markup(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let text = "<script>alert('x')</script> & \"y\"";
        let escaped = "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;y&quot;";
        assert_eq!(escape(text).to_string(), escaped);
    }

    #[test]
    fn values_are_not_templates() {
        let page = render("{{a}}-{{b}}!", &[("a", &escape("{{b}}")), ("b", &escape("<"))]);
        assert_eq!(page.to_string(), "{{b}}-&lt;!");
    }
}
