#include "algoregister/registration/field_erasure.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/value_check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Shorter texts stand anywhere by chance.
constexpr std::size_t kTellingBytes = 8;

bool IsErasable(RegistrationKind kind, std::string_view pointer) {
  if (pointer == "/aliases" || pointer == "/reason") return true;
  const auto tokens = json::SplitPointer(pointer);
  if (!tokens.ok() || tokens->size() != 2) return false;
  if (tokens->front() != "fields" && tokens->front() != "restricted") {
    return false;
  }
  const FieldSpec* const spec = FindField(kind, tokens->back());
  return spec != nullptr && spec->type != FieldType::kSnapshots;
}

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

bool Says(const Value& value, const std::vector<std::string>& texts) {
  std::vector<std::string> own;
  Collect(value, kTellingBytes, own);
  return std::any_of(own.begin(), own.end(), [&texts](const auto& text) {
    return std::any_of(texts.begin(), texts.end(), [&text](const auto& one) {
      return text.find(one) != std::string::npos;
    });
  });
}

}  // namespace

absl::Status CheckErasureOrder(const ErasureOrder& order) {
  if (!IsErasable(order.registration.kind, order.pointer)) {
    return Fault("pointer",
                 "must be /aliases, /reason, or /fields/ or /restricted/ and a "
                 "field of this kind other than snapshots");
  }
  return CheckText(Value(order.ground), "ground", kMaxGroundBytes);
}

const FieldDisclosure* FindDisclosure(const Version& version,
                                      std::string_view pointer) {
  const auto found = std::find_if(version.fields.begin(), version.fields.end(),
                                  [pointer](const FieldDisclosure& field) {
                                    return field.pointer == pointer;
                                  });
  return found == version.fields.end() ? nullptr : &*found;
}

std::vector<std::string> TextsIn(const Value& field) {
  std::vector<std::string> out;
  Collect(field, kTellingBytes, out);
  return out;
}

std::vector<std::string> AllTextsIn(const Value& field) {
  std::vector<std::string> out;
  Collect(field, 1, out);
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

std::vector<RepeatedAt> FindRepeated(std::span<const Version> versions,
                                     std::string_view pointer,
                                     const Value& field,
                                     std::span<const RepeatedAt> erased) {
  const std::vector<std::string> texts = TextsIn(field);
  std::vector<RepeatedAt> out;
  for (const Version& version : versions) {
    for (const FieldDisclosure& other : version.fields) {
      const bool same = other.pointer == pointer && other.value == field;
      if (!same && !Says(other.value, texts)) continue;
      RepeatedAt at{.number = version.number, .pointer = other.pointer};
      if (std::find(erased.begin(), erased.end(), at) == erased.end()) {
        out.push_back(std::move(at));
      }
    }
  }
  return out;
}

}  // namespace limpid::algoregister
