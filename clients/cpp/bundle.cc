#include "clients/cpp/bundle.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

using json::Value;

constexpr std::string_view kFormat = "limpid-export/1";
constexpr std::string_view kTimeForm = "%Y-%m-%dT%H:%M:%E3SZ";
// A value of 64 levels and 200,000 parts, and the line around it.
constexpr json::ParseLimits kLineLimits = {kMaxBundleLineBytes, 66, 200'100};
constexpr std::array<std::string_view, 3> kSlotKinds = {"device", "recovery",
                                                        "passphrase"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime(base::ToAbsl(kTimeForm), time, absl::UTCTimeZone());
}

absl::Status TooLarge() {
  return absl::ResourceExhaustedError(
      absl::StrCat("a bundle has at most ", kMaxBundleBytes, " bytes"));
}

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(base::ToAbsl(what));
}

absl::Status Require(const Value& line,
                     std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (line.Find(key) == nullptr) return Bad("lacks a member");
  }
  return absl::OkStatus();
}

// Exactly `required`, and of `optional` what is there.
absl::Status CheckMembers(const Value& line,
                          std::initializer_list<std::string_view> required,
                          std::initializer_list<std::string_view> optional) {
  LIMPID_RETURN_IF_ERROR(Require(line, required));
  std::size_t there = required.size();
  for (const std::string_view key : optional) {
    if (line.Find(key) != nullptr) ++there;
  }
  return line.size() == there ? absl::OkStatus() : Bad("has a member too many");
}

// Walks the lines of a bundle in order and says where it goes wrong.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  absl::StatusOr<Bundle> Read() {
    while (!ended_) {
      ++number_;
      const absl::Status read = ReadLine();
      if (!read.ok()) {
        return absl::Status(
            read.code(), absl::StrCat("line ", number_, ": ", read.message()));
      }
    }
    if (at_ != text_.size()) {
      return absl::InvalidArgumentError("has something behind its end");
    }
    return std::move(out_);
  }

 private:
  using SlotOrder = std::tuple<std::int64_t, std::size_t, std::string>;

  absl::Status ReadLine() {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) return Bad("is cut off");
    const std::string_view line = text_.substr(at_, end - at_);
    if (line.size() > kMaxBundleLineBytes) return Bad("is too long");
    const auto parsed = json::ParseStrict(line, kLineLimits);
    if (!parsed.ok() || json::Canonical(*parsed) != line) {
      return Bad("is not canonical JSON in UTF-8");
    }
    const Value* const member = parsed->Find("line");
    if (member == nullptr || !member->is_string()) return Bad("has no kind");
    const std::string& kind = member->string();
    if ((number_ == 1) != (kind == "head")) {
      return Bad("is no head of a bundle, or a second one");
    }
    LIMPID_RETURN_IF_ERROR(Dispatch(kind, *parsed, line));
    at_ = end + 1;
    return absl::OkStatus();
  }

  absl::Status Dispatch(const std::string& kind, const Value& line,
                        std::string_view text) {
    if (kind == "head") return Head(line);
    if (kind == "slot") return Slot(line, text);
    if (kind == "definition") return Definition(line, text);
    if (kind == "version") return Version(line, text);
    if (kind == "end") return End(line);
    return Bad("is of a kind that this version does not know");
  }

  absl::Status Head(const Value& line) {
    LIMPID_ASSIGN_OR_RETURN(const std::string format, line.GetString("format"));
    if (format != kFormat) {
      return Bad("is of another format than limpid-export/1");
    }
    LIMPID_RETURN_IF_ERROR(CheckMembers(
        line, {"line", "format", "exported", "operator", "source"}, {}));
    BundleHead& head = out_.head;
    LIMPID_ASSIGN_OR_RETURN(head.operator_name, line.GetString("operator"));
    LIMPID_ASSIGN_OR_RETURN(head.source_id, line.GetString("source"));
    LIMPID_ASSIGN_OR_RETURN(const std::string time, line.GetString("exported"));
    const auto exported = base::ParseTimeText(time);
    if (!base::ParseIdText("src", head.source_id).ok() || !exported.ok()) {
      return Bad("is no head of a bundle");
    }
    head.exported = *exported;
    return absl::OkStatus();
  }

  absl::Status Slot(const Value& line, std::string_view text) {
    LIMPID_RETURN_IF_ERROR(
        CheckMembers(line,
                     {"line", "kind", "slot_id", "key_id", "generation",
                      "created", "body", "origin"},
                     {}));
    if (!attribute_.empty()) return Bad("is a slot behind an attribute");
    LIMPID_ASSIGN_OR_RETURN(const std::string kind, line.GetString("kind"));
    LIMPID_ASSIGN_OR_RETURN(const std::string id, line.GetString("slot_id"));
    const auto bytes = base::Base64UrlDecode(id);
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t generation,
                            line.GetInteger("generation"));
    const auto place = static_cast<std::size_t>(
        std::find(kSlotKinds.begin(), kSlotKinds.end(), kind) -
        kSlotKinds.begin());
    if (!bytes.ok() || place == kSlotKinds.size()) return Bad("is no slot");
    SlotOrder order(generation, place, base::ToText(*bytes));
    if (order <= last_slot_) return Bad("is there twice, or out of order");
    last_slot_ = std::move(order);
    LIMPID_ASSIGN_OR_RETURN(const std::string key, line.GetString("key_id"));
    if (keys_.emplace(generation, key).first->second != key) {
      return Bad("is of another sealed key than the slots before it");
    }
    out_.lines.push_back({BundleLineKind::kSlot, number_, text});
    return absl::OkStatus();
  }

  absl::Status Definition(const Value& line, std::string_view text) {
    LIMPID_RETURN_IF_ERROR(
        CheckMembers(line,
                     {"line", "attribute", "schema_version", "title",
                      "category", "sensitivity", "schema"},
                     {"term"}));
    if (defined_ && !used_) return Bad("follows a definition without versions");
    LIMPID_ASSIGN_OR_RETURN(std::string attribute, line.GetString("attribute"));
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t schema,
                            line.GetInteger("schema_version"));
    if (attribute < attribute_ ||
        (attribute == attribute_ && schema == schema_)) {
      return Bad("is there twice, or out of order");
    }
    if (attribute != attribute_) {
      version_ = 0;
      previous_ = {};
    }
    attribute_ = std::move(attribute);
    schema_ = schema;
    defined_ = true;
    used_ = false;
    out_.lines.push_back(
        {BundleLineKind::kDefinition, number_, text, attribute_});
    return absl::OkStatus();
  }

  static absl::Status CheckVersionMembers(const Value& line) {
    LIMPID_ASSIGN_OR_RETURN(const std::string custody,
                            line.GetString("custody"));
    const auto required = {
        std::string_view("line"),    std::string_view("attribute"),
        std::string_view("version"), std::string_view("schema_version"),
        std::string_view("schema"),  std::string_view("custody"),
        std::string_view("put")};
    LIMPID_RETURN_IF_ERROR(Require(line, required));
    const bool erased = line.Find("erased") != nullptr;
    if (custody == "sealed") {
      return line.size() == required.size() + (erased ? 1U : 2U) &&
                     (erased || Require(line, {"origin", "sealed"}).ok())
                 ? absl::OkStatus()
                 : Bad("is no sealed version");
    }
    if (custody != "assisted") return Bad("is of an unknown custody");
    std::size_t there = required.size() + (erased ? 1 : 2);
    if (!erased) LIMPID_RETURN_IF_ERROR(Require(line, {"origin", "value"}));
    if (line.Find("about") != nullptr) ++there;
    if (!erased && line.Find("provenance") != nullptr) ++there;
    return line.size() == there ? absl::OkStatus()
                                : Bad("has a member too many");
  }

  // That a sealed version is under the key that the slots of its generation
  // lead to, where it names its key and there are such: no device could ever
  // open it otherwise.
  absl::Status CheckKey(const Value& line) const {
    const Value* const sealed = line.Find("sealed");
    if (sealed == nullptr || !sealed->is_object()) return absl::OkStatus();
    if (sealed->Find("key_id") == nullptr) return absl::OkStatus();
    LIMPID_ASSIGN_OR_RETURN(const std::string key, sealed->GetString("key_id"));
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t generation,
                            sealed->GetInteger("generation"));
    const auto known = keys_.find(generation);
    return known == keys_.end() || known->second == key
               ? absl::OkStatus()
               : Bad("is under another sealed key than its slots");
  }

  absl::Status Version(const Value& line, std::string_view text) {
    LIMPID_RETURN_IF_ERROR(CheckVersionMembers(line));
    LIMPID_ASSIGN_OR_RETURN(const std::string attribute,
                            line.GetString("attribute"));
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t version,
                            line.GetInteger("version"));
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t schema,
                            line.GetInteger("schema_version"));
    if (!defined_ || attribute != attribute_ || schema != schema_) {
      return Bad("has no definition before it");
    }
    if (version != version_ + 1)
      return Bad("is there twice, or one is missing");
    LIMPID_RETURN_IF_ERROR(CheckKey(line));
    version_ = version;
    used_ = true;
    out_.lines.push_back({BundleLineKind::kVersion, number_, text, attribute_,
                          static_cast<std::uint64_t>(version), previous_});
    previous_ = crypto::Sha256(base::AsBytes(text));
    return absl::OkStatus();
  }

  absl::Status End(const Value& line) {
    LIMPID_RETURN_IF_ERROR(CheckMembers(line, {"line", "lines", "sha256"}, {}));
    if (defined_ && !used_) return Bad("follows a definition without versions");
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t lines, line.GetInteger("lines"));
    LIMPID_ASSIGN_OR_RETURN(const std::string sha256, line.GetString("sha256"));
    out_.sha256 = crypto::Sha256(base::AsBytes(text_.substr(0, at_)));
    if (lines != static_cast<std::int64_t>(number_) - 1 ||
        base::Base64UrlEncode(out_.sha256) != sha256) {
      return Bad("is not the end of these lines: some were changed");
    }
    ended_ = true;
    return absl::OkStatus();
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
  bool ended_ = false;
  SlotOrder last_slot_{0, 0, ""};
  // Of the slots, by generation.
  std::map<std::int64_t, std::string> keys_;
  // Of the definition in force.
  std::string attribute_;
  std::int64_t schema_ = 0;
  bool defined_ = false;
  bool used_ = false;
  // Of the last version of the attribute.
  std::int64_t version_ = 0;
  base::Digest32 previous_{};
  Bundle out_;
};

}  // namespace

absl::StatusOr<std::string> WriteBundle(const BundleHead& head,
                                        std::span<const std::string> lines) {
  Value first = Value::Object();
  first.Set("line", "head").Set("format", kFormat);
  first.Set("exported", TimeText(head.exported));
  first.Set("operator", head.operator_name).Set("source", head.source_id);
  std::string out = json::Canonical(first) + "\n";
  std::size_t size = out.size();
  for (const std::string& line : lines) size += line.size() + 1;
  // The end has less than 200 bytes.
  constexpr std::size_t kEndBytes = 200;
  if (size + kEndBytes > kMaxBundleBytes) return TooLarge();
  // At once: growing would leave copies behind.
  out.reserve(size + kEndBytes);
  for (const std::string& line : lines) {
    out += line;
    out += '\n';
  }
  Value last = Value::Object();
  last.Set("line", "end").Set("lines", lines.size() + 1);
  last.Set("sha256", base::Base64UrlEncode(crypto::Sha256(base::AsBytes(out))));
  out += json::Canonical(last);
  out += '\n';
  return out;
}

absl::StatusOr<Bundle> ReadBundle(std::string_view text) {
  if (text.size() > kMaxBundleBytes) return TooLarge();
  return Reader(text).Read();
}

}  // namespace limpid::client
