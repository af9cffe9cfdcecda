#include "algoregister/registration/erasure_ground.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/value_check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Codes of the format, not words of people.
bool IsCodeMember(std::string_view key) {
  return key == "state" || key == "origin" || key == "format" ||
         key == "scheme";
}

void Collect(const Value& value, std::size_t min_bytes,
             std::vector<std::string>& out) {
  if (value.is_string() && value.string().size() >= min_bytes) {
    out.push_back(value.string());
  }
  if (value.is_array()) {
    for (const Value& element : value.elements()) {
      Collect(element, min_bytes, out);
    }
  }
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      if (!IsCodeMember(member.key)) Collect(member.value, min_bytes, out);
    }
  }
}

// Of a word: letters and digits, and every byte of a letter outside ASCII.
bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Whether `text` stands in `all` with no letter or digit beside it.
bool StandsAlone(std::string_view all, std::string_view text) {
  for (std::size_t at = all.find(text); at != std::string_view::npos;
       at = all.find(text, at + 1)) {
    const std::size_t end = at + text.size();
    const bool begins = at == 0 || !IsWordByte(all[at - 1]);
    const bool ends = end == all.size() || !IsWordByte(all[end]);
    if (begins && ends) return true;
  }
  return false;
}

// Both in lower case.
bool Repeats(std::string_view ground, std::string_view text) {
  // "of", "a", a letter of a grade.
  constexpr std::size_t kFewestBytes = 3;
  if (text.size() < kFewestBytes) return false;
  if (text.size() < kTellingBytes) return StandsAlone(ground, text);
  return ground.find(text) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> TextsOf(const Value& value, std::size_t min_bytes) {
  std::vector<std::string> out;
  Collect(value, min_bytes, out);
  return out;
}

absl::Status CheckGround(std::string_view ground,
                         std::span<const std::string> texts) {
  LIMPID_RETURN_IF_ERROR(CheckText(Value(ground), "ground", kMaxGroundBytes));
  const std::string folded = absl::AsciiStrToLower(base::ToAbsl(ground));
  for (const std::string& text : texts) {
    if (Repeats(folded, absl::AsciiStrToLower(text))) {
      return Fault("ground",
                   "repeats what is to be erased; it is public for ever");
    }
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
