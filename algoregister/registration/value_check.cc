#include "algoregister/registration/value_check.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/rich_text.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {

using base::ToAbsl;
using json::Value;

namespace {

// Languages of one text.
constexpr std::size_t kMaxLanguages = 50;

bool IsDate(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  if (text.size() != 4 && text.size() != 7 && text.size() != kShape.size()) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != '-') return false;
  }
  const auto number = [text](std::size_t at, std::size_t size) {
    int out = 0;
    for (const char c : text.substr(at, size)) out = out * 10 + (c - '0');
    return out;
  };
  const int year = number(0, 4);
  const int month = text.size() > 4 ? number(5, 2) : 1;
  const int day = text.size() > 7 ? number(8, 2) : 1;
  // absl::CivilDay normalises what does not exist.
  const absl::CivilDay civil(year, month, day);
  return civil.year() == year && civil.month() == month && civil.day() == day;
}

}  // namespace

absl::Status Fault(std::string_view pointer, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(pointer), ": ", ToAbsl(reason)));
}

std::string Below(std::string_view pointer, std::string_view key) {
  return absl::StrCat(ToAbsl(pointer), "/", json::PointerToken(key));
}

absl::Status CheckKeys(const Value& object, std::string_view pointer,
                       std::initializer_list<std::string_view> required,
                       std::initializer_list<std::string_view> optional) {
  if (!object.is_object()) return Fault(pointer, "must be an object");
  for (const std::string_view key : required) {
    if (object.Find(key) == nullptr)
      return Fault(Below(pointer, key), "missing");
  }
  const auto has = [](std::initializer_list<std::string_view> keys,
                      std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const json::Member& member : object.members()) {
    if (!has(required, member.key) && !has(optional, member.key)) {
      return Fault(Below(pointer, member.key), "unknown member");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckText(const Value& value, std::string_view pointer,
                       std::size_t max_bytes) {
  if (!value.is_string()) return Fault(pointer, "must be a text");
  const std::string& text = value.string();
  if (text.empty()) return Fault(pointer, "must not be empty");
  if (text.size() > max_bytes) return Fault(pointer, "too long");
  const bool blank_ends = text.front() == ' ' || text.back() == ' ';
  if (blank_ends) return Fault(pointer, "begins or ends with a blank");
  if (text.find('\0') != std::string::npos) return Fault(pointer, "has a NUL");
  return absl::OkStatus();
}

absl::Status CheckDate(const Value& value, std::string_view pointer) {
  if (value.is_string() && IsDate(value.string())) return absl::OkStatus();
  return Fault(pointer, "must be a date such as 2026-04-07");
}

namespace {

absl::Status CheckUrl(const Value& value, std::string_view pointer,
                      std::size_t max_bytes) {
  LIMPID_RETURN_IF_ERROR(CheckText(value, pointer, max_bytes));
  const std::string& url = value.string();
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  // Bytes above 0x7f pass: addresses come with letters of every script.
  const bool allowed = std::none_of(url.begin(), url.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7f || c == '<' || c == '>' || c == '"';
  });
  if (web && allowed) return absl::OkStatus();
  return Fault(pointer, "must be a web address");
}

bool IsLanguage(std::string_view tag) {
  // BCP 47 as far as registers use it: "nl", "fry", "pt-BR".
  const std::size_t dash = std::min(tag.find('-'), tag.size());
  const std::string_view main = tag.substr(0, dash);
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto alphanumeric = [lower](char c) {
    return lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (main.size() < 2 || main.size() > 3 ||
      !std::all_of(main.begin(), main.end(), lower)) {
    return false;
  }
  if (dash == tag.size()) return true;
  const std::string_view rest = tag.substr(dash + 1);
  return rest.size() >= 2 && rest.size() <= 8 &&
         std::all_of(rest.begin(), rest.end(), alphanumeric);
}

absl::Status CheckLanguageMap(const Value& map, std::string_view pointer,
                              std::size_t max_bytes) {
  if (!map.is_object() || map.size() == 0 || map.size() > kMaxLanguages) {
    return Fault(pointer, "must be a text per language");
  }
  for (const json::Member& member : map.members()) {
    const std::string below = Below(pointer, member.key);
    if (!IsLanguage(member.key)) return Fault(below, "not a language tag");
    LIMPID_RETURN_IF_ERROR(
        CheckKeys(member.value, below, {"origin", "text"}, {"format"}));
    const Value& origin = *member.value.Find("origin");
    if (origin != Value("human") && origin != Value("machine") &&
        origin != Value("machine_reviewed")) {
      return Fault(Below(below, "origin"), "unknown origin");
    }
    const Value& text = *member.value.Find("text");
    LIMPID_RETURN_IF_ERROR(CheckText(text, Below(below, "text"), max_bytes));
    const Value* const format = member.value.Find("format");
    if (format == nullptr) continue;
    if (*format != Value("html")) {
      return Fault(Below(below, "format"), "unknown format");
    }
    if (!IsRichText(text.string())) {
      return Fault(Below(below, "text"),
                   "not in the canonical form of rich text");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCode(const Value& value, std::string_view pointer,
                       std::span<const Code> codes) {
  const bool known =
      value.is_string() &&
      std::any_of(codes.begin(), codes.end(), [&value](const Code& code) {
        return code.code == value.string();
      });
  return known ? absl::OkStatus() : Fault(pointer, "unknown code");
}

absl::Status CheckReference(const Value& value, std::string_view pointer,
                            RegistrationKind target) {
  if (value.is_string()) {
    const auto id = RegistrationId::Parse(value.string());
    if (id.ok() && id->kind == target) return absl::OkStatus();
  }
  return Fault(pointer,
               absl::StrCat("must be the id of a registered ",
                            ToAbsl(receipt::RegistrationKindName(target))));
}

absl::Status CheckSnapshotId(const Value& value, std::string_view pointer) {
  if (value.is_string() && SnapshotId::Parse(value.string()).ok()) {
    return absl::OkStatus();
  }
  return Fault(pointer, "must be the id of a snapshot");
}

absl::Status CheckDatasetUse(const Value& use, std::string_view pointer,
                             std::span<const Code> codes) {
  LIMPID_RETURN_IF_ERROR(
      CheckKeys(use, pointer, {"dataset", "use"}, {"snapshot"}));
  LIMPID_RETURN_IF_ERROR(CheckReference(*use.Find("dataset"),
                                        Below(pointer, "dataset"),
                                        RegistrationKind::kDataset));
  if (const Value* const snapshot = use.Find("snapshot")) {
    LIMPID_RETURN_IF_ERROR(
        CheckSnapshotId(*snapshot, Below(pointer, "snapshot")));
  }
  return CheckCode(*use.Find("use"), Below(pointer, "use"), codes);
}

absl::Status CheckTime(const Value& value, std::string_view pointer) {
  if (value.is_string() && base::ParseTimeText(value.string()).ok()) {
    return absl::OkStatus();
  }
  return Fault(pointer, "must be a time such as 2026-04-07T12:00:00.000Z");
}

absl::Status CheckSnapshot(const Value& snapshot, std::string_view pointer) {
  constexpr std::size_t kNameBytes = 200;
  LIMPID_RETURN_IF_ERROR(CheckKeys(
      snapshot, pointer, {"id", "name", "opened", "state"}, {"sealed"}));
  LIMPID_RETURN_IF_ERROR(
      CheckSnapshotId(*snapshot.Find("id"), Below(pointer, "id")));
  LIMPID_RETURN_IF_ERROR(
      CheckText(*snapshot.Find("name"), Below(pointer, "name"), kNameBytes));
  LIMPID_RETURN_IF_ERROR(
      CheckTime(*snapshot.Find("opened"), Below(pointer, "opened")));
  const Value* const sealed = snapshot.Find("sealed");
  const Value& state = *snapshot.Find("state");
  if (state != Value(sealed == nullptr ? "open" : "sealed")) {
    return Fault(Below(pointer, "state"),
                 "must be open, or sealed with the time in \"sealed\"");
  }
  return sealed == nullptr ? absl::OkStatus()
                           : CheckTime(*sealed, Below(pointer, "sealed"));
}

template <typename CheckOne>
absl::Status CheckList(const Value& list, std::string_view pointer,
                       CheckOne check_one) {
  if (!list.is_array() || list.size() > kMaxListed) {
    return Fault(pointer,
                 absl::StrCat("must be a list of at most ", kMaxListed));
  }
  std::size_t index = 0;
  for (const Value& element : list.elements()) {
    LIMPID_RETURN_IF_ERROR(
        check_one(element, absl::StrCat(ToAbsl(pointer), "/", index++)));
  }
  return absl::OkStatus();
}

absl::Status CheckSnapshots(const Value& list, std::string_view pointer) {
  std::set<std::string> seen;
  return CheckList(list, pointer,
                   [&seen](const Value& snapshot, const std::string& below) {
                     LIMPID_RETURN_IF_ERROR(CheckSnapshot(snapshot, below));
                     return seen.insert(snapshot.Find("id")->string()).second
                                ? absl::OkStatus()
                                : Fault(below, "a snapshot appears twice");
                   });
}

absl::Status CheckDigest(const Value& value, std::string_view pointer) {
  constexpr std::string_view kPrefix = "sha256:";
  constexpr std::size_t kDigits = 64;
  if (value.is_string() && value.string().starts_with(kPrefix)) {
    const std::string_view hex =
        std::string_view(value.string()).substr(kPrefix.size());
    const bool lower = std::all_of(hex.begin(), hex.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
    if (hex.size() == kDigits && lower) return absl::OkStatus();
  }
  return Fault(pointer, "must be \"sha256:\" and 64 digits of lower-case hex");
}

// The type of one element of a list type.
FieldType ElementType(FieldType list) {
  if (list == FieldType::kCodes) return FieldType::kCode;
  if (list == FieldType::kReferences) return FieldType::kReference;
  return FieldType::kPlain;
}

// Codes, texts or ids, each once; codes and ids in one order, so that equal
// sets have equal hashes.
absl::Status CheckMany(const FieldSpec& spec, const Value& list,
                       std::string_view pointer) {
  FieldSpec one = spec;
  one.type = ElementType(spec.type);
  const bool ordered = one.type != FieldType::kPlain;
  std::set<std::string> seen;
  std::string last;
  return CheckList(list, pointer,
                   [&](const Value& element, const std::string& below) {
                     LIMPID_RETURN_IF_ERROR(CheckGiven(one, element, below));
                     const std::string& text = element.string();
                     if (!seen.insert(text).second) {
                       return Fault(below, "appears twice");
                     }
                     if (ordered && text < last) {
                       return Fault(below, "must be in ascending order");
                     }
                     last = text;
                     return absl::OkStatus();
                   });
}

absl::Status CheckRecord(std::span<const MemberSpec> members,
                         const Value& record, std::string_view pointer) {
  if (!record.is_object()) return Fault(pointer, "must be an object");
  if (record.size() == 0) return Fault(pointer, "has nothing in it");
  for (const MemberSpec& member : members) {
    const Value* const value = record.Find(member.name);
    const std::string below = Below(pointer, member.name);
    if (value == nullptr) {
      if (member.required) return Fault(below, "missing");
      continue;
    }
    LIMPID_RETURN_IF_ERROR(CheckGiven(AsField(member), *value, below));
  }
  for (const json::Member& member : record.members()) {
    const bool known =
        std::any_of(members.begin(), members.end(),
                    [&](const MemberSpec& m) { return m.name == member.key; });
    if (!known) return Fault(Below(pointer, member.key), "unknown member");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckGiven(const FieldSpec& spec, const Value& value,
                        std::string_view pointer) {
  switch (spec.type) {
    case FieldType::kText:
      return CheckLanguageMap(value, pointer, spec.max_bytes);
    case FieldType::kPlain:
      return CheckText(value, pointer, spec.max_bytes);
    case FieldType::kCode:
      return CheckCode(value, pointer, spec.codes);
    case FieldType::kDate:
      return CheckDate(value, pointer);
    case FieldType::kUrl:
      return CheckUrl(value, pointer, spec.max_bytes);
    case FieldType::kReference:
      return CheckReference(value, pointer, spec.target);
    case FieldType::kDatasetUses:
      return CheckList(value, pointer,
                       [&spec](const Value& use, const std::string& below) {
                         return CheckDatasetUse(use, below, spec.codes);
                       });
    case FieldType::kSnapshots:
      return CheckSnapshots(value, pointer);
    case FieldType::kCodes:
    case FieldType::kPlains:
    case FieldType::kReferences:
      return CheckMany(spec, value, pointer);
    case FieldType::kNumber:
      return value.is_number() ? absl::OkStatus()
                               : Fault(pointer, "must be a number");
    case FieldType::kDigest:
      return CheckDigest(value, pointer);
    case FieldType::kRecords:
      return CheckList(value, pointer,
                       [&spec](const Value& record, const std::string& below) {
                         return CheckRecord(spec.members, record, below);
                       });
    case FieldType::kDocument:
      return json::Canonical(value).size() <= spec.max_bytes
                 ? absl::OkStatus()
                 : Fault(pointer, "too long");
  }
  return Fault(pointer, "unknown field");
}

}  // namespace limpid::algoregister
