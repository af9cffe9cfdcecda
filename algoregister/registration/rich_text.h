// Rich text: HTML of six tags without attributes (br, div, li, ol, p, ul), in
// one canonical form. Whatever else comes in is escaped or taken out, so that
// what is stored can be put into a page as it is. Pure.
// docs/formats/registration-version.md

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_RICH_TEXT_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_RICH_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace limpid::algoregister {

// Tags inside each other; deeper ones are taken out. The deepest list of a real
// register has 4.
inline constexpr std::size_t kMaxRichDepth = 16;

// The canonical form of an HTML fragment: no attribute, no other tag, no
// comment; no content of script, style and their like; every tag closed (a p by
// whatever cannot stand in it, an li by the next); li in lists alone; of
// entities only &amp; &lt; &gt;. SanitiseHtml(SanitiseHtml(x)) ==
// SanitiseHtml(x). A text without a tag comes back escaped.
std::string SanitiseHtml(std::string_view html);

// Whether `text` is canonical and has a tag: what has none is plain text.
bool IsRichText(std::string_view text);

// The words alone, a line per paragraph and a "- " before each element of a
// list. Of a text without a tag: exactly what was escaped.
std::string PlainTextOf(std::string_view html);

// A plain text as HTML; PlainTextOf of it is `plain` again.
std::string EscapeText(std::string_view plain);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_RICH_TEXT_H_
