// The manifest of a bundle.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/read_json.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister::evidence {
namespace {

constexpr std::string_view kAt = "/manifest";
constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::int64_t kMaxSmall = 1'000;
constexpr double kLowestLevel = 0.5;
constexpr std::size_t kMaxNoteBytes = 2'000;

absl::Status ReadValues(const json::Value& object, std::string_view pointer,
                        std::string& positive, std::string& negative) {
  LIMPID_ASSIGN_OR_RETURN(positive,
                          ReadText(object, pointer, "positive", kMaxNameBytes));
  LIMPID_ASSIGN_OR_RETURN(negative,
                          ReadText(object, pointer, "negative", kMaxNameBytes));
  if (positive == negative) {
    return Fault(pointer, "positive and negative are the same");
  }
  return absl::OkStatus();
}

absl::StatusOr<TwoValued> ReadTwoValued(const json::Value& manifest,
                                        std::string_view key) {
  const std::string pointer = Below(kAt, key);
  const json::Value* const object = manifest.Find(key);
  if (object == nullptr) return Fault(pointer, "missing");
  LIMPID_RETURN_IF_ERROR(
      CheckMembers(*object, pointer, {"column", "negative", "positive"}, {}));
  TwoValued out;
  LIMPID_ASSIGN_OR_RETURN(out.column,
                          ReadText(*object, pointer, "column", kMaxNameBytes));
  LIMPID_RETURN_IF_ERROR(
      ReadValues(*object, pointer, out.positive, out.negative));
  return out;
}

absl::StatusOr<Prediction> ReadPrediction(const json::Value& manifest) {
  const std::string pointer = Below(kAt, "prediction");
  const json::Value* const object = manifest.Find("prediction");
  if (object == nullptr) return Fault(pointer, "missing");
  Prediction out;
  if (object->Find("threshold") != nullptr) {
    LIMPID_RETURN_IF_ERROR(
        CheckMembers(*object, pointer, {"column", "threshold"}, {}));
    LIMPID_ASSIGN_OR_RETURN(out.threshold,
                            ReadNumber(*object, pointer, "threshold"));
  } else {
    LIMPID_RETURN_IF_ERROR(
        CheckMembers(*object, pointer, {"column", "negative", "positive"}, {}));
    LIMPID_RETURN_IF_ERROR(
        ReadValues(*object, pointer, out.positive, out.negative));
  }
  LIMPID_ASSIGN_OR_RETURN(out.column,
                          ReadText(*object, pointer, "column", kMaxNameBytes));
  return out;
}

absl::Status ReadSettings(const json::Value& manifest, Settings& out) {
  const json::Value& favourable = *manifest.Find("favourable");
  const bool positive = favourable == json::Value("positive");
  if (!positive && favourable != json::Value("negative")) {
    return Fault(Below(kAt, "favourable"), "must be positive or negative");
  }
  out.favourable = positive ? Favourable::kPositive : Favourable::kNegative;
  LIMPID_ASSIGN_OR_RETURN(out.k, ReadInteger(manifest, kAt, "k", 0, kMaxSmall));
  LIMPID_ASSIGN_OR_RETURN(out.level, ReadNumber(manifest, kAt, "level"));
  if (!(out.level > kLowestLevel && out.level < 1)) {
    return Fault(Below(kAt, "level"), "must be above 0.5 and below 1");
  }
  LIMPID_ASSIGN_OR_RETURN(const double tau, ReadNumber(manifest, kAt, "tau"));
  constexpr double kThousand = 1'000;
  const double thousandths = std::round(tau * kThousand);
  if (!(thousandths >= 1 && thousandths <= kThousand) ||
      thousandths / kThousand != tau) {
    return Fault(Below(kAt, "tau"), "must be 0.001 to 1, in thousandths");
  }
  out.tau_thousandths = static_cast<std::int64_t>(thousandths);
  return absl::OkStatus();
}

absl::Status ReadGroups(const json::Value& manifest, Manifest& out) {
  const std::string pointer = Below(kAt, "groups");
  const json::Value* const list = manifest.Find("groups");
  if (list == nullptr || !list->is_array() || list->size() == 0 ||
      list->size() > kMaxGroupColumns) {
    return Fault(pointer, "must be 1 to 8 columns");
  }
  for (const json::Value& element : list->elements()) {
    if (!element.is_string() || element.string().empty() ||
        element.string().size() > kMaxNameBytes ||
        element.string().find(kJoin) != std::string::npos) {
      return Fault(pointer, "has something that is no name of a column");
    }
    out.group_columns.push_back(element.string());
  }
  const json::Value* const intersections = manifest.Find("intersections");
  if (intersections != nullptr) {
    if (!intersections->is_bool()) {
      return Fault(Below(kAt, "intersections"), "must be true or false");
    }
    out.intersections = intersections->boolean();
  }
  return absl::OkStatus();
}

absl::Status ReadReference(const json::Value& manifest, Manifest& out) {
  const json::Value* const reference = manifest.Find("reference");
  if (reference == nullptr) return absl::OkStatus();
  const std::string pointer = Below(kAt, "reference");
  if (!reference->is_object()) return Fault(pointer, "must be an object");
  for (const json::Member& member : reference->members()) {
    const bool known =
        std::find(out.group_columns.begin(), out.group_columns.end(),
                  member.key) != out.group_columns.end();
    if (!known) {
      return Fault(Below(pointer, member.key), "no column of groups");
    }
    LIMPID_ASSIGN_OR_RETURN(
        out.reference[member.key],
        ReadText(*reference, pointer, member.key, kMaxNameBytes));
  }
  return absl::OkStatus();
}

absl::Status ReadNotes(const json::Value& manifest, Manifest& out) {
  for (const auto& [key, target] :
       {std::pair("title", &out.title), std::pair("noise", &out.noise)}) {
    if (manifest.Find(key) == nullptr) continue;
    LIMPID_ASSIGN_OR_RETURN(*target,
                            ReadText(manifest, kAt, key, kMaxNoteBytes));
  }
  if (manifest.Find("code_image") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(
        out.code_image, ReadText(manifest, kAt, "code_image", kMaxNameBytes));
    if (!ReadDigestText(out.code_image).ok()) {
      return Fault(Below(kAt, "code_image"), "must be sha256: and a digest");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckColumns(const Manifest& manifest) {
  std::set<std::string> seen(manifest.group_columns.begin(),
                             manifest.group_columns.end());
  std::size_t count = manifest.group_columns.size() + 2;
  seen.insert(manifest.label.column);
  seen.insert(manifest.prediction.column);
  if (manifest.override_column) {
    seen.insert(manifest.override_column->column);
    ++count;
  }
  return seen.size() == count ? absl::OkStatus()
                              : Fault(kAt, "a column has two roles");
}

}  // namespace

absl::StatusOr<Manifest> ReadManifest(const json::Value& manifest) {
  LIMPID_RETURN_IF_ERROR(CheckMembers(
      manifest, kAt,
      {"favourable", "groups", "k", "label", "level", "prediction", "tau"},
      {"code_image", "intersections", "noise", "override", "reference",
       "title"}));
  Manifest out;
  LIMPID_RETURN_IF_ERROR(ReadSettings(manifest, out.settings));
  LIMPID_RETURN_IF_ERROR(ReadGroups(manifest, out));
  LIMPID_RETURN_IF_ERROR(ReadReference(manifest, out));
  LIMPID_ASSIGN_OR_RETURN(out.label, ReadTwoValued(manifest, "label"));
  LIMPID_ASSIGN_OR_RETURN(out.prediction, ReadPrediction(manifest));
  if (manifest.Find("override") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(out.override_column,
                            ReadTwoValued(manifest, "override"));
  }
  LIMPID_RETURN_IF_ERROR(ReadNotes(manifest, out));
  LIMPID_RETURN_IF_ERROR(CheckColumns(out));
  return out;
}

std::string DigestText(const base::Digest32& digest) {
  return std::string(kDigestPrefix) + base::HexEncode(digest);
}

absl::StatusOr<base::Digest32> ReadDigestText(std::string_view text) {
  if (text.starts_with(kDigestPrefix)) {
    const auto bytes = base::HexDecode(text.substr(kDigestPrefix.size()));
    if (bytes.ok()) {
      const auto digest = base::ToArray<32>(*bytes);
      if (digest.ok()) return *digest;
    }
  }
  return absl::InvalidArgumentError(
      "must be \"sha256:\" and 64 digits of lower-case hex");
}

}  // namespace limpid::algoregister::evidence
