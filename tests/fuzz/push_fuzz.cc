// Addresses that services register, and what their endpoints answer.

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "consent/push/push_failure.h"
#include "consent/push/push_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace consent = limpid::consent;
  const std::string text(limpid::base::AsText({data, size}));
  const auto url = consent::ParsePushUrl("url", text);
  if (url.ok()) {
    // One address has one text, and that is read back to the same.
    const auto again = consent::ParsePushUrl("url", url->Text());
    LIMPID_CHECK(again.ok() && *again == *url);
    LIMPID_CHECK(text.find('@') >= text.find('/', 8));
  }
  const auto bad = consent::JudgePush(consent::PushAnswer{400, text});
  LIMPID_CHECK(!bad.acknowledged());
  LIMPID_CHECK(
      consent::JudgePush(consent::PushAnswer{202, text}).acknowledged());
  return 0;
}
