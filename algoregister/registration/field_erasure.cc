#include "algoregister/registration/field_erasure.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/registration/erasure_ground.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/value_check.h"
#include "common/json/json.h"

namespace limpid::algoregister {
namespace {

using json::Value;

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

bool Says(const Value& value, const std::vector<std::string>& texts) {
  const std::vector<std::string> own = TextsOf(value, kTellingBytes);
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

std::vector<RepeatedAt> FindRepeated(std::span<const Version> versions,
                                     std::string_view pointer,
                                     std::span<const Value* const> values,
                                     std::span<const RepeatedAt> erased) {
  // Most versions say what the one before said.
  std::set<std::string> different;
  for (const Value* const value : values) {
    for (std::string& text : TextsOf(*value, kTellingBytes)) {
      different.insert(std::move(text));
    }
  }
  const std::vector<std::string> texts(different.begin(), different.end());
  const auto is_one = [values](const Value& other) {
    return std::any_of(
        values.begin(), values.end(),
        [&other](const Value* value) { return *value == other; });
  };
  std::vector<RepeatedAt> out;
  for (const Version& version : versions) {
    for (const FieldDisclosure& other : version.fields) {
      const bool same = other.pointer == pointer && is_one(other.value);
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
