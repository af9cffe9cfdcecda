#include "vault/connectors/solid_connector.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/jose/jwk.h"
#include "common/jose/tokens.h"
#include "common/json/json.h"
#include "vault/attribute/definition.h"
#include "vault/connectors/source_statement.h"

namespace limpid::vault {
namespace {

using json::Value;

constexpr int kOk = 200;
constexpr int kNotFound = 404;
// Where a pod keeps what it has for vaults.
constexpr std::string_view kFolder = "limpid/";
constexpr std::string_view kLinkFile = "limpid/link.json";
constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kTokenPath = "/.oidc/token";
constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kListType = "application/ld+json";
constexpr std::string_view kModified = "http://purl.org/dc/terms/modified";
// Of a value, with what stands around it, in any spelling.
constexpr std::size_t kMaxDocumentBytes = 2 * kMaxValueBytes;
constexpr std::size_t kMaxListBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxTokenBytes = 16'384;
// So that a slow request still finds its token alive.
constexpr absl::Duration kRenewBefore = absl::Seconds(30);
// A server that says nothing or too much is asked again this often.
constexpr std::int64_t kUsualLifeSeconds = 60;
constexpr std::int64_t kMostLifeSeconds = 3600;

absl::Status NoAnswer() {
  return absl::UnavailableError("the pod gave no answer");
}

absl::Status NotAsAsked() {
  return absl::DataLossError("a pod has something else than a value there");
}

absl::Status NotHers() {
  return absl::PermissionDeniedError(
      "proof: not the address of a pod there whose limpid/link.json names your "
      "key and this vault; let this vault read limpid/, and `limpid person "
      "sources` shows the two names");
}

bool IsPathCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool TypeIs(const SourceReply& reply, std::string_view type) {
  return std::string_view(reply.content_type).substr(0, type.size()) == type;
}

// The part of a compact JWS that is signed.
std::string Unsigned(const Value& header, const Value& payload) {
  return absl::StrCat(
      base::Base64UrlEncode(base::AsBytes(json::Canonical(header))), ".",
      base::Base64UrlEncode(base::AsBytes(json::Canonical(payload))));
}

// The attribute whose document has this address, below `folder`.
std::optional<std::string> AttributeOf(std::string_view address,
                                       std::string_view folder) {
  if (!address.starts_with(folder) || !address.ends_with(kSuffix)) {
    return std::nullopt;
  }
  address.remove_prefix(folder.size());
  if (address.size() < kSuffix.size()) return std::nullopt;
  address.remove_suffix(kSuffix.size());
  if (!IsAttributeId(address)) return std::nullopt;
  return std::string(address);
}

// "2026-01-01T00:00:00.000Z", as JSON-LD lists of a server have it.
absl::Time ModifiedOf(const Value& node) {
  absl::Time out = absl::UnixEpoch();
  const Value* const list = node.Find(kModified);
  if (list == nullptr || !list->is_array() || list->size() == 0) return out;
  const auto text = list->elements().front().GetString("@value");
  std::string error;
  const bool read =
      text.ok() && absl::ParseTime(absl::RFC3339_full, *text, &out, &error);
  // Abseil reads "infinite-future", which no record can hold.
  const bool finite =
      out != absl::InfiniteFuture() && out != absl::InfinitePast();
  return read && finite ? out : absl::UnixEpoch();
}

}  // namespace

bool IsPodPath(std::string_view path) {
  if (path.size() < 3 || path.size() > kMaxSubjectBytes ||
      path.front() != '/' || path.back() != '/') {
    return false;
  }
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty() ||
        segment.find_first_not_of('.') == std::string_view::npos ||
        !std::all_of(segment.begin(), segment.end(), IsPathCharacter)) {
      return false;
    }
    path.remove_prefix(segment.size() + 1);
  }
  return true;
}

SolidConnector::SolidConnector(SolidAccount account, SourceChannel& channel,
                               const base::Clock& clock)
    : account_(std::move(account)),
      channel_(channel),
      clock_(clock),
      key_(crypto::Es256PrivateKey::Generate()) {}

std::string SolidConnector::Proof(std::string_view method,
                                  std::string_view path,
                                  std::string_view token) const {
  Value header = Value::Object();
  header.Set("alg", "ES256");
  header.Set("jwk", jose::PublicJwk(key_.PublicKey()).ToJson());
  header.Set("typ", "dpop+jwt");
  Value payload = Value::Object();
  payload.Set("htm", method);
  payload.Set("htu", absl::StrCat(account_.url, base::ToAbsl(path)));
  payload.Set("iat", absl::ToUnixSeconds(clock_.Machine()));
  payload.Set("jti", base::Base64UrlEncode(crypto::RandomArray<16>()));
  if (!token.empty()) {
    payload.Set("ath",
                base::Base64UrlEncode(crypto::Sha256(base::AsBytes(token))));
  }
  const std::string text = Unsigned(header, payload);
  return absl::StrCat(text, ".",
                      base::Base64UrlEncode(key_.Sign(base::AsBytes(text))));
}

absl::StatusOr<std::string> SolidConnector::NewToken(absl::Duration time_limit,
                                                     absl::Duration& life) {
  const std::string pair = absl::StrCat(
      account_.client_id, ":",
      base::ToText(account_.client_secret.Reveal(base::SecretAccess::Get())));
  LIMPID_ASSIGN_OR_RETURN(
      const SourceReply reply,
      channel_.Ask(
          {.post = true,
           .path = std::string(kTokenPath),
           .headers = {{"Authorization",
                        "Basic " + base::Base64Encode(base::AsBytes(pair))},
                       {"DPoP", Proof("POST", kTokenPath, "")}},
           .content_type = "application/x-www-form-urlencoded",
           .body = "grant_type=client_credentials&scope=webid",
           .max_bytes = kMaxTokenBytes,
           .time_limit = time_limit}));
  const auto answer = json::ParseStrict(reply.body);
  if (reply.status != kOk || !answer.ok()) return NoAnswer();
  auto token = answer->GetString("access_token");
  // It goes into a header.
  const bool clean = token.ok() && !token->empty() &&
                     std::all_of(token->begin(), token->end(), [](char c) {
                       return IsPathCharacter(c) || c == '~' || c == '+' ||
                              c == '/' || c == '=';
                     });
  if (!clean) return NoAnswer();
  const auto seconds = answer->GetInteger("expires_in");
  const bool said =
      seconds.ok() && *seconds > 0 && *seconds <= kMostLifeSeconds;
  life = absl::Seconds(said ? *seconds : kUsualLifeSeconds);
  return token;
}

absl::StatusOr<std::string> SolidConnector::Token(absl::Duration time_limit) {
  {
    const base::MutexLock lock(mutex_);
    if (!token_.empty() && clock_.Monotonic() < renew_at_) return token_;
  }
  // Several may ask at once; the last token stays.
  const absl::Duration asked = clock_.Monotonic();
  absl::Duration life;
  LIMPID_ASSIGN_OR_RETURN(std::string token, NewToken(time_limit, life));
  const base::MutexLock lock(mutex_);
  token_ = token;
  renew_at_ = asked + life - kRenewBefore;
  return token;
}

absl::StatusOr<SourceReply> SolidConnector::Get(const std::string& path,
                                                std::string_view accept,
                                                absl::Duration time_limit) {
  const absl::Duration end = clock_.Monotonic() + time_limit;
  LIMPID_ASSIGN_OR_RETURN(const std::string token, Token(time_limit));
  const absl::Duration left = end - clock_.Monotonic();
  if (left <= absl::ZeroDuration()) return NoAnswer();
  LIMPID_ASSIGN_OR_RETURN(
      SourceReply reply,
      channel_.Ask({.path = path,
                    .headers = {{"Authorization", "DPoP " + token},
                                {"DPoP", Proof("GET", path, token)},
                                {"Accept", std::string(accept)}},
                    .max_bytes = std::max(kMaxDocumentBytes, kMaxListBytes),
                    .time_limit = left}));
  if (reply.status == kNotFound) return reply;
  // She did not let us in, or took it back, or a page in between: nothing was
  // said about what there is.
  if (reply.status != kOk || !TypeIs(reply, accept)) {
    const base::MutexLock lock(mutex_);
    token_.clear();
    return NoAnswer();
  }
  return reply;
}

absl::StatusOr<SourceAnswer> SolidConnector::Fetch(
    const SourceQuestion& question, absl::Duration time_limit) {
  if (!IsPodPath(question.subject) || !IsAttributeId(question.attribute)) {
    return absl::DataLossError("a link names no pod");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const SourceReply reply,
      Get(absl::StrCat(question.subject, base::ToAbsl(kFolder),
                       question.attribute, base::ToAbsl(kSuffix)),
          kJsonType, time_limit));
  if (reply.status == kNotFound) return SourceAnswer();
  const auto document = json::ParseStrict(reply.body);
  if (!document.ok() || !document->CheckOnlyKeys({"as_of", "value"}).ok() ||
      document->size() != 2) {
    return NotAsAsked();
  }
  const auto as_of = PastTime(*document, "as_of", clock_.Machine());
  if (!as_of) return NotAsAsked();
  return SourceAnswer(
      SourcedValue{json::Canonical(*document->Find("value")), *as_of});
}

absl::StatusOr<std::vector<Holding>> SolidConnector::Holdings(
    std::string_view subject, absl::Duration time_limit) {
  if (!IsPodPath(subject)) return absl::DataLossError("a link names no pod");
  const std::string path =
      absl::StrCat(base::ToAbsl(subject), base::ToAbsl(kFolder));
  LIMPID_ASSIGN_OR_RETURN(const SourceReply reply,
                          Get(path, kListType, time_limit));
  std::vector<Holding> out;
  if (reply.status == kNotFound) return out;
  const auto list = json::ParseStrict(reply.body);
  if (!list.ok() || !list->is_array()) return NotAsAsked();
  const std::string folder = absl::StrCat(account_.url, path);
  // What is said of one document may be spread over several nodes.
  std::map<std::string, absl::Time> found;
  for (const Value& node : list->elements()) {
    const auto address = node.GetString("@id");
    if (!address.ok()) continue;
    const auto attribute = AttributeOf(*address, folder);
    if (!attribute) continue;
    absl::Time& modified =
        found.try_emplace(*attribute, absl::UnixEpoch()).first->second;
    modified = std::max(modified, ModifiedOf(node));
  }
  if (found.size() > kMaxHoldings) return NotAsAsked();
  for (const auto& [attribute, modified] : found) {
    out.push_back({attribute, modified});
  }
  return out;
}

absl::StatusOr<RectificationAnswer> SolidConnector::RequestRectification(
    const RectificationRequest& request, absl::Duration /*time_limit*/) {
  if (!json::ParseStrict(request.value_json).ok()) {
    return absl::InvalidArgumentError("value_json: not strict JSON");
  }
  return RectificationAnswer{RectificationOutcome::kRefused,
                             RectificationGround::kElsewhere};
}

absl::StatusOr<LinkedSubject> SolidConnector::CheckLink(
    const LinkProof& proof, absl::Duration time_limit) {
  std::string_view address = proof.proof;
  if (!address.starts_with(account_.url)) return NotHers();
  address.remove_prefix(account_.url.size());
  if (!IsPodPath(address)) return NotHers();
  LIMPID_ASSIGN_OR_RETURN(
      const SourceReply reply,
      Get(absl::StrCat(base::ToAbsl(address), base::ToAbsl(kLinkFile)),
          kJsonType, time_limit));
  if (reply.status == kNotFound) return NotHers();
  const auto document = json::ParseStrict(reply.body);
  if (!document.ok()) return NotHers();
  const auto audience = document->GetString("audience");
  const auto device = document->GetString("device");
  if (!audience.ok() || !device.ok() || *audience != account_.audience ||
      *device != jose::PublicJwk(proof.person.key).Thumbprint()) {
    return NotHers();
  }
  return LinkedSubject{.subject = std::string(address)};
}

}  // namespace limpid::vault
