// Whatever comes in, what comes out has the six tags alone and is its own
// canonical form.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "algoregister/registration/rich_text.h"
#include "common/base/bytes.h"
#include "common/base/check.h"

namespace {

bool IsTag(std::string_view text) {
  constexpr std::array<std::string_view, 11> kTags = {
      "<br>",  "<div>", "</div>", "<li>", "</li>", "<ol>",
      "</ol>", "<p>",   "</p>",   "<ul>", "</ul>"};
  for (const std::string_view tag : kTags) {
    if (text.starts_with(tag)) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace register_of = limpid::algoregister;
  const std::string text = limpid::base::ToText({data, size});
  const std::string clean = register_of::SanitiseHtml(text);
  for (std::size_t at = clean.find('<'); at != std::string::npos;
       at = clean.find('<', at + 1)) {
    LIMPID_CHECK(IsTag(std::string_view(clean).substr(at)));
  }
  LIMPID_CHECK(register_of::SanitiseHtml(clean) == clean);
  LIMPID_CHECK(!limpid::base::IsUtf8(text) || limpid::base::IsUtf8(clean));
  const std::string plain = register_of::PlainTextOf(clean);
  LIMPID_CHECK(register_of::PlainTextOf(register_of::EscapeText(plain)) ==
               plain);
  return 0;
}
