#include "common/mim5/document.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/json/schema.h"
#include "common/mim5/schema_texts.h"

namespace limpid::mim5 {
namespace {

struct Names {
  std::string_view name;
  std::string_view member;
  std::string_view schema;
};

Names NamesOf(Document document) {
  switch (document) {
    case Document::kIndex:
      return {"index", "", kIndexSchema};
    case Document::kAdm:
      return {"adm", "automated_decision_making", kAdmSchema};
    case Document::kAlgorithms:
      return {"algorithms", "algorithms", kAlgorithmsSchema};
    case Document::kCertifications:
      return {"certifications", "certifications", kCertificationsSchema};
  }
  LIMPID_CHECK(false);
}

// The schemas are ours, compiled in: a broken one is a broken build, which the
// tests of this folder see.
json::Schema Compiled(Document document) {
  const auto schema = json::ParseStrict(SchemaTextOf(document));
  LIMPID_CHECK(schema.ok());
  auto compiled = json::Schema::Compile(*schema);
  LIMPID_CHECK(compiled.ok());
  return *std::move(compiled);
}

const json::Schema& SchemaOf(Document document) {
  static const auto& kAll = *new std::array<json::Schema, 4>{
      Compiled(Document::kIndex), Compiled(Document::kAdm),
      Compiled(Document::kAlgorithms), Compiled(Document::kCertifications)};
  return kAll.at(static_cast<std::size_t>(document));
}

}  // namespace

std::string_view NameOf(Document document) { return NamesOf(document).name; }

std::string FileOf(Document document) {
  return std::string(NameOf(document)) + ".json";
}

std::string_view IndexMemberOf(Document document) {
  return NamesOf(document).member;
}

std::string SchemaNameOf(Document document) {
  return "limpid-mim5-" + std::string(NameOf(document)) + "/1";
}

std::string_view SchemaTextOf(Document document) {
  return NamesOf(document).schema;
}

absl::StatusOr<json::Value> ReadDocument(Document document,
                                         std::string_view text) {
  // The deepest place of ours is a text in a language of an entry: 5.
  constexpr std::size_t kDepth = 16;
  constexpr std::size_t kValues = 200'000;
  LIMPID_ASSIGN_OR_RETURN(
      json::Value value,
      json::ParseStrict(text, {.max_bytes = kMaxDocumentBytes,
                               .max_depth = kDepth,
                               .max_values = kValues}));
  LIMPID_RETURN_IF_ERROR(CheckDocument(document, value));
  return value;
}

absl::Status CheckDocument(Document document, const json::Value& value) {
  if (!value.is_object()) {
    return absl::InvalidArgumentError(": must be an object");
  }
  const json::Schema& schema = SchemaOf(document);
  // Each list with one of its entries at a time: the checker explains small
  // values alone, and a list has to say which entry is wrong.
  json::Value frame = value;
  for (const json::Member& member : value.members()) {
    if (!member.value.is_array()) continue;
    if (member.value.size() > kMaxListed) {
      return absl::InvalidArgumentError(
          absl::StrCat("/", json::PointerToken(member.key), ": too long"));
    }
    frame.Set(member.key, json::Value::Array());
  }
  LIMPID_RETURN_IF_ERROR(schema.Validate(frame));
  for (const json::Member& member : value.members()) {
    if (!member.value.is_array()) continue;
    std::size_t index = 0;
    for (const json::Value& entry : member.value.elements()) {
      json::Value one = json::Value::Array();
      one.Append(entry);
      frame.Set(member.key, std::move(one));
      const absl::Status status = schema.Validate(frame);
      const std::string zero = absl::StrCat("/", member.key, "/0");
      std::string message(base::ToStd(status.message()));
      if (message.starts_with(zero)) {
        message = absl::StrCat("/", member.key, "/", index,
                               message.substr(zero.size()));
      }
      if (!status.ok()) return absl::InvalidArgumentError(message);
      ++index;
    }
    frame.Set(member.key, json::Value::Array());
  }
  return absl::OkStatus();
}

std::string DigestOf(const json::Value& document) {
  const std::string canonical = json::Canonical(document);
  return "sha256:" + base::HexEncode(crypto::Sha256(base::AsBytes(canonical)));
}

std::optional<absl::CivilDay> LastDayOf(std::string_view date) {
  constexpr std::size_t kYear = 4;
  constexpr std::size_t kMonth = 7;
  constexpr std::size_t kDay = 10;
  constexpr int kMonths = 12;
  int year = 0;
  int month = 1;
  int day = 1;
  const auto number = [date](std::size_t at, std::size_t size, int& value) {
    const std::string_view digits = date.substr(at, size);
    return std::all_of(digits.begin(), digits.end(),
                       [](char c) { return c >= '0' && c <= '9'; }) &&
           absl::SimpleAtoi(base::ToAbsl(digits), &value);
  };
  const std::size_t size = date.size();
  if (size != kYear && size != kMonth && size != kDay) return std::nullopt;
  if (!number(0, kYear, year)) return std::nullopt;
  if (size == kYear) return absl::CivilDay(year + 1, 1, 1) - 1;
  if (date[kYear] != '-' || !number(kYear + 1, 2, month) || month < 1 ||
      month > kMonths) {
    return std::nullopt;
  }
  if (size == kMonth) {
    return absl::CivilDay(absl::CivilMonth(year, month) + 1) - 1;
  }
  if (date[kMonth] != '-' || !number(kMonth + 1, 2, day)) return std::nullopt;
  const absl::CivilDay out(year, month, day);
  // Abseil normalises what does not exist.
  if (out.month() != month || out.day() != day) return std::nullopt;
  return out;
}

json::Value MakeIndex(const json::Value& adm, const json::Value& algorithms,
                      const json::Value& certifications) {
  json::Value out = json::Value::Object();
  out.Set("schema", SchemaNameOf(Document::kIndex));
  const auto add = [&out](Document document, const json::Value& answer) {
    json::Value one = json::Value::Object();
    one.Set("href", FileOf(document));
    one.Set("schema", SchemaNameOf(document));
    one.Set("digest", DigestOf(answer));
    out.Set(IndexMemberOf(document), std::move(one));
    for (const std::string_view key : {"subject", "generated"}) {
      if (const json::Value* const value = answer.Find(key)) {
        out.Set(key, *value);
      }
    }
  };
  add(Document::kAdm, adm);
  add(Document::kAlgorithms, algorithms);
  add(Document::kCertifications, certifications);
  return out;
}

}  // namespace limpid::mim5
