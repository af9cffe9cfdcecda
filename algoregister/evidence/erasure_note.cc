#include "algoregister/evidence/erasure_note.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "algoregister/evidence/bundle.h"
#include "common/base/clock.h"
#include "common/json/json.h"

namespace limpid::algoregister::evidence {

json::Value ToJson(const ErasureNote& note) {
  json::Value out = json::Value::Object();
  out.Set("digest", note.digest);
  out.Set("format", kErasureFormat);
  out.Set("ground", note.ground);
  out.Set("role", note.role);
  out.Set("time", note.time);
  return out;
}

std::optional<ErasureNote> ReadErasureNote(std::string_view bytes) {
  // A ground of 1,000 bytes, each escaped.
  constexpr std::size_t kMaxBytes = 10'000;
  const auto parsed = json::ParseStrict(bytes, {.max_bytes = kMaxBytes});
  if (!parsed.ok() || !parsed->is_object()) return std::nullopt;
  ErasureNote out;
  for (const auto& [key, member] :
       {std::pair("digest", &out.digest), std::pair("ground", &out.ground),
        std::pair("role", &out.role), std::pair("time", &out.time)}) {
    auto text = parsed->GetString(key);
    if (!text.ok() || text->empty()) return std::nullopt;
    *member = *std::move(text);
  }
  if (!ReadDigestText(out.digest).ok() || !base::ParseTimeText(out.time).ok()) {
    return std::nullopt;
  }
  // The format, and nothing else.
  if (json::Canonical(*parsed) != json::Canonical(ToJson(out))) {
    return std::nullopt;
  }
  return out;
}

}  // namespace limpid::algoregister::evidence
