// The Digital Credentials Query Language of OpenID4VP 1.0, section 6, as far as
// it can be answered with attributes.

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "consent/request/asked.h"

namespace limpid::consent {
namespace {

using json::Value;

constexpr std::string_view kField = "dcql";
constexpr std::size_t kMaxBytes = 65'536;
constexpr std::size_t kMaxCredentials = 16;
constexpr std::size_t kMaxSets = 64;
constexpr std::size_t kMaxPath = 8;
constexpr std::string_view kMdoc = "mso_mdoc";
constexpr std::string_view kMdlNamespace = "org.iso.18013.5.1";

absl::Status Wrong(std::string_view pointer, std::string_view why) {
  return Unresolved(kField, pointer, why);
}

// The lines of a well-formed part of the query, or where and why it does not
// resolve: both are ordinary, since an alternative may follow.
struct Resolved {
  absl::Status status;
  LinePositions lines;
};

std::string Under(std::string_view pointer, std::string_view key) {
  return absl::StrCat(base::ToAbsl(pointer), "/", json::PointerToken(key));
}

std::string Under(std::string_view pointer, std::size_t index) {
  return absl::StrCat(base::ToAbsl(pointer), "/", index);
}

absl::Status CheckMembers(const Value& value, const std::string& at,
                          std::initializer_list<std::string_view> known) {
  if (!value.is_object()) return Wrong(at, "is not an object");
  for (const json::Member& member : value.members()) {
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      return Wrong(Under(at, member.key), "is not supported");
    }
  }
  return absl::OkStatus();
}

// A member that must be an array of 1 to `max`.
absl::StatusOr<const Value*> ArrayOf(const Value& object, std::string_view key,
                                     const std::string& at, std::size_t max) {
  const Value* value = object.Find(key);
  if (value == nullptr || !value->is_array() || value->size() == 0 ||
      value->size() > max) {
    return Wrong(Under(at, key), "is not an array that names something");
  }
  return value;
}

bool IsId(const Value* value) {
  return value != nullptr && value->is_string() && !value->string().empty() &&
         std::all_of(
             value->string().begin(), value->string().end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9') || c == '_' || c == '-';
             });
}

// Names of sets, each a list of ids that `known` has; as given, in order.
absl::StatusOr<std::vector<std::vector<std::size_t>>> ReadSets(
    const Value& sets, const std::string& at,
    const std::map<std::string, std::size_t>& known) {
  std::vector<std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const Value& set = sets.elements()[i];
    const std::string here = Under(at, i);
    if (!set.is_array() || set.size() == 0) {
      return Wrong(here, "is not an array that names something");
    }
    std::vector<std::size_t> members;
    for (std::size_t j = 0; j < set.size(); ++j) {
      const Value& id = set.elements()[j];
      const auto at_id = id.is_string() ? known.find(id.string()) : known.end();
      if (at_id == known.end()) {
        return Wrong(Under(here, j), "names nothing of the query");
      }
      members.push_back(at_id->second);
    }
    out.push_back(std::move(members));
  }
  return out;
}

std::optional<std::size_t> FindPath(const std::vector<std::string>& path,
                                    std::string_view format,
                                    const Agreement& agreement) {
  std::string joined;
  for (const std::string& part : path) {
    joined += (joined.empty() ? "" : ".") + part;
  }
  auto line = agreement.FindLine(joined);
  if (!line) line = agreement.FindLine("person." + joined);
  if (!line && format == kMdoc && path.size() == 2 &&
      path[0] == kMdlNamespace) {
    line = agreement.FindLine("person." + path[1]);
  }
  return line;
}

// A claim as written. Malformed ones are errors; one that the agreement does
// not have is an answer.
struct Claim {
  std::string pointer;
  std::optional<std::size_t> line;
};

absl::StatusOr<Claim> ReadClaim(const Value& claim, const std::string& at,
                                std::string_view format,
                                const Agreement& agreement) {
  LIMPID_RETURN_IF_ERROR(
      CheckMembers(claim, at, {"id", "path", "intent_to_retain"}));
  LIMPID_ASSIGN_OR_RETURN(const Value* parts,
                          ArrayOf(claim, "path", at, kMaxPath));
  Claim out;
  out.pointer = Under(at, "path");
  std::vector<std::string> path;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const Value& part = parts->elements()[i];
    if (!part.is_string()) return Wrong(Under(out.pointer, i), "is not a text");
    path.push_back(part.string());
  }
  out.line = FindPath(path, format, agreement);
  return out;
}

Resolved LinesOfClaims(const std::vector<Claim>& claims,
                       const std::vector<std::size_t>& which) {
  Resolved out;
  for (const std::size_t i : which) {
    if (!claims[i].line) {
      return {Wrong(claims[i].pointer, "is no line of the agreement"), {}};
    }
    out.lines.push_back(static_cast<std::uint16_t>(*claims[i].line));
  }
  return out;
}

// Adds the claim's id, which a claim set needs.
absl::Status AddId(const Value& claim, const std::string& at, bool needed,
                   std::size_t index, std::map<std::string, std::size_t>& ids) {
  const Value* id = claim.Find("id");
  if (id == nullptr && !needed) return absl::OkStatus();
  if (!IsId(id) || !ids.emplace(id->string(), index).second) {
    return Wrong(Under(at, "id"), "is missing, malformed or stands twice");
  }
  return absl::OkStatus();
}

absl::Status CheckCredential(const Value& credential, const std::string& at) {
  LIMPID_RETURN_IF_ERROR(
      CheckMembers(credential, at,
                   {"id", "format", "meta", "multiple", "claims", "claim_sets",
                    "require_cryptographic_holder_binding"}));
  const Value* format = credential.Find("format");
  if (format == nullptr || !format->is_string()) {
    return Wrong(Under(at, "format"), "is not a text");
  }
  const Value* meta = credential.Find("meta");
  if (meta == nullptr || !meta->is_object()) {
    return Wrong(Under(at, "meta"), "is not an object");
  }
  const Value* multiple = credential.Find("multiple");
  if (multiple != nullptr && (!multiple->is_bool() || multiple->boolean())) {
    return Wrong(Under(at, "multiple"), "is not false");
  }
  return absl::OkStatus();
}

// A whole credential: wrong when it is malformed, else its lines or why there
// are none.
absl::StatusOr<Resolved> ReadCredential(const Value& credential,
                                        const std::string& at,
                                        const Agreement& agreement) {
  LIMPID_RETURN_IF_ERROR(CheckCredential(credential, at));
  const std::string& format = credential.Find("format")->string();
  // Without claims it would ask for everything there is.
  LIMPID_ASSIGN_OR_RETURN(const Value* claims,
                          ArrayOf(credential, "claims", at, kMaxLines));
  const bool has_sets = credential.Find("claim_sets") != nullptr;
  std::vector<Claim> read;
  std::map<std::string, std::size_t> ids;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < claims->size(); ++i) {
    const std::string here = Under(Under(at, "claims"), i);
    const Value& claim = claims->elements()[i];
    LIMPID_ASSIGN_OR_RETURN(Claim one,
                            ReadClaim(claim, here, format, agreement));
    LIMPID_RETURN_IF_ERROR(AddId(claim, here, has_sets, i, ids));
    read.push_back(std::move(one));
    all.push_back(i);
  }
  if (!has_sets) return LinesOfClaims(read, all);
  LIMPID_ASSIGN_OR_RETURN(const Value* sets,
                          ArrayOf(credential, "claim_sets", at, kMaxSets));
  LIMPID_ASSIGN_OR_RETURN(const auto choices,
                          ReadSets(*sets, Under(at, "claim_sets"), ids));
  for (const auto& choice : choices) {
    Resolved lines = LinesOfClaims(read, choice);
    if (lines.status.ok()) return lines;
  }
  return Resolved{
      Wrong(Under(at, "claim_sets"), "has no set that the agreement covers"),
      {}};
}

struct Query {
  std::vector<Resolved> credentials;
  std::map<std::string, std::size_t> ids;
};

absl::StatusOr<Query> ReadCredentials(const Value& query,
                                      const Agreement& agreement) {
  LIMPID_ASSIGN_OR_RETURN(const Value* credentials,
                          ArrayOf(query, "credentials", "", kMaxCredentials));
  Query out;
  for (std::size_t i = 0; i < credentials->size(); ++i) {
    const std::string here = Under("/credentials", i);
    const Value& credential = credentials->elements()[i];
    if (!credential.is_object()) return Wrong(here, "is not an object");
    LIMPID_RETURN_IF_ERROR(
        AddId(credential, here, /*needed=*/true, i, out.ids));
    LIMPID_ASSIGN_OR_RETURN(Resolved lines,
                            ReadCredential(credential, here, agreement));
    out.credentials.push_back(std::move(lines));
  }
  return out;
}

absl::Status AddAll(const Query& query, const std::vector<std::size_t>& which,
                    LinePositions& out) {
  LinePositions added;
  for (const std::size_t i : which) {
    LIMPID_RETURN_IF_ERROR(query.credentials[i].status);
    const LinePositions& lines = query.credentials[i].lines;
    added.insert(added.end(), lines.begin(), lines.end());
  }
  out.insert(out.end(), added.begin(), added.end());
  return absl::OkStatus();
}

absl::Status AddSet(const Query& query, const Value& set, const std::string& at,
                    LinePositions& out) {
  LIMPID_RETURN_IF_ERROR(
      CheckMembers(set, at, {"options", "required", "purpose"}));
  const Value* required = set.Find("required");
  if (required != nullptr && !required->is_bool()) {
    return Wrong(Under(at, "required"), "is not true or false");
  }
  LIMPID_ASSIGN_OR_RETURN(const Value* options,
                          ArrayOf(set, "options", at, kMaxSets));
  LIMPID_ASSIGN_OR_RETURN(const auto choices,
                          ReadSets(*options, Under(at, "options"), query.ids));
  for (const auto& choice : choices) {
    if (AddAll(query, choice, out).ok()) return absl::OkStatus();
  }
  if (required != nullptr && !required->boolean()) return absl::OkStatus();
  return Wrong(Under(at, "options"), "has no option that the agreement covers");
}

}  // namespace

absl::StatusOr<LinePositions> ResolveDcql(std::string_view text,
                                          const Agreement& agreement) {
  json::ParseLimits limits;
  limits.max_bytes = kMaxBytes;
  const auto parsed = json::ParseStrict(text, limits);
  if (!parsed.ok()) return Wrong("", base::ToStd(parsed.status().message()));
  LIMPID_RETURN_IF_ERROR(
      CheckMembers(*parsed, "", {"credentials", "credential_sets"}));
  LIMPID_ASSIGN_OR_RETURN(const Query query,
                          ReadCredentials(*parsed, agreement));
  LinePositions out;
  if (parsed->Find("credential_sets") == nullptr) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < query.credentials.size(); ++i) all.push_back(i);
    LIMPID_RETURN_IF_ERROR(AddAll(query, all, out));
    return CheckAsked(kField, std::move(out), agreement);
  }
  LIMPID_ASSIGN_OR_RETURN(const Value* sets,
                          ArrayOf(*parsed, "credential_sets", "", kMaxSets));
  for (std::size_t i = 0; i < sets->size(); ++i) {
    LIMPID_RETURN_IF_ERROR(
        AddSet(query, sets->elements()[i], Under("/credential_sets", i), out));
  }
  return CheckAsked(kField, std::move(out), agreement);
}

}  // namespace limpid::consent
