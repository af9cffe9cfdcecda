#include "common/jose/sd_jwt.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/jose/jwk.h"
#include "common/jose/jws.h"
#include "common/json/json.h"

namespace limpid::jose {
namespace {

using json::Member;
using json::Value;

constexpr std::string_view kDigests = "_sd";
constexpr std::string_view kAlgorithm = "_sd_alg";
// Stands for a hidden element of an array.
constexpr std::string_view kElement = "...";
constexpr std::string_view kSha256 = "sha-256";
constexpr char kSeparator = '~';
// 128 bits (section 9.3), and their length in base64url.
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kSaltCharacters = 22;
constexpr std::size_t kSha256Characters = 43;
constexpr json::ParseLimits kLimits = {kMaxSdJwtBytes, 8, 1'000};

using Digests = std::set<std::string, std::less<>>;

absl::Status NotValid() {
  return absl::DataLossError("the SD-JWT does not verify");
}

bool IsReserved(std::string_view name) {
  return name == kDigests || name == kAlgorithm || name == kElement;
}

// Whether nothing in `value` is hidden in its turn.
bool IsPlain(const Value& value) {
  if (value.is_array()) {
    const auto elements = value.elements();
    return std::all_of(elements.begin(), elements.end(), IsPlain);
  }
  if (!value.is_object()) return true;
  const auto members = value.members();
  return std::all_of(members.begin(), members.end(), [](const Member& member) {
    return !IsReserved(member.key) && IsPlain(member.value);
  });
}

std::string NewSalt(const Value& open, const Member& hidden,
                    crypto::RandomSource& random) {
  Value plain = Value::Object();
  plain.Set(hidden.key, hidden.value);
  const base::SecretBytes key =
      crypto::HedgedKey("sd-jwt-salt", base::AsBytes(json::Canonical(open)),
                        base::AsBytes(json::Canonical(plain)), random);
  return base::Base64UrlEncode(
      key.Reveal(base::SecretAccess::Get()).first(kSaltBytes));
}

std::string WriteDisclosure(std::string_view salt, const Member& hidden) {
  Value out = Value::Array();
  out.Append(salt);
  out.Append(hidden.key);
  out.Append(hidden.value);
  return base::Base64UrlEncode(base::AsBytes(json::Canonical(out)));
}

// Takes the digests out of `open`, so that the claims are left.
absl::StatusOr<Digests> TakeDigests(Value& open) {
  const auto algorithm = open.GetString(kAlgorithm);
  const auto list = open.GetArray(kDigests);
  if (!algorithm.ok() || *algorithm != kSha256 || !list.ok() ||
      list->size() > kMaxDisclosures) {
    return NotValid();
  }
  Digests out;
  for (const Value& digest : list->elements()) {
    if (!digest.is_string() || digest.string().size() != kSha256Characters ||
        !out.insert(digest.string()).second) {
      return NotValid();
    }
  }
  open.Remove(kAlgorithm);
  open.Remove(kDigests);
  return out;
}

// The parts between the separators; the last one ends with its own.
absl::StatusOr<std::vector<std::string_view>> Split(std::string_view text) {
  std::vector<std::string_view> out;
  // Without one at the end a key binding follows, which nobody here asked for.
  if (text.size() > kMaxSdJwtBytes || text.empty() ||
      text.back() != kSeparator) {
    return NotValid();
  }
  while (!text.empty()) {
    const std::size_t end = text.find(kSeparator);
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (out.size() > 1 + kMaxDisclosures) return NotValid();
  return out;
}

}  // namespace

std::string DisclosureDigest(std::string_view disclosure) {
  return base::Base64UrlEncode(crypto::Sha256(base::AsBytes(disclosure)));
}

absl::StatusOr<Member> ReadDisclosure(std::string_view disclosure) {
  const auto bytes = base::Base64UrlDecode(disclosure);
  if (!bytes.ok()) return NotValid();
  const auto parsed = json::ParseStrict(base::AsText(*bytes), kLimits);
  // Two make an element of an array.
  if (!parsed.ok() || !parsed->is_array() || parsed->size() != 3) {
    return NotValid();
  }
  const auto parts = parsed->elements();
  if (!parts[0].is_string() || parts[0].string().size() < kSaltCharacters ||
      !parts[1].is_string() || IsReserved(parts[1].string()) ||
      !IsPlain(parts[2])) {
    return NotValid();
  }
  return Member{parts[1].string(), parts[2]};
}

std::string IssueSdJwt(const crypto::Ed25519PrivateKey& key,
                       std::string_view typ, Value open,
                       std::span<const Member> hidden,
                       crypto::RandomSource& random) {
  LIMPID_CHECK(open.is_object() && IsPlain(open) &&
               hidden.size() <= kMaxDisclosures);
  std::string disclosures;
  std::set<std::string, std::less<>> names;
  // In their own order, which says nothing about that of the members.
  Digests digests;
  for (const Member& member : hidden) {
    LIMPID_CHECK(!IsReserved(member.key) && IsPlain(member.value) &&
                 open.Find(member.key) == nullptr &&
                 names.insert(member.key).second);
    const std::string disclosure =
        WriteDisclosure(NewSalt(open, member, random), member);
    digests.insert(DisclosureDigest(disclosure));
    disclosures += disclosure;
    disclosures += kSeparator;
  }
  Value list = Value::Array();
  for (const std::string& digest : digests) list.Append(digest);
  open.Set(kDigests, std::move(list));
  open.Set(kAlgorithm, kSha256);
  std::string out = SignCompact(key, typ, json::Canonical(open));
  out += kSeparator;
  out += disclosures;
  LIMPID_CHECK(out.size() <= kMaxSdJwtBytes);
  return out;
}

absl::StatusOr<SdJwtClaims> VerifySdJwt(std::string_view text,
                                        const crypto::Ed25519PublicKey& key,
                                        std::string_view typ) {
  LIMPID_ASSIGN_OR_RETURN(const auto parts, Split(text));
  const auto payload = VerifyCompact(parts.front(), PublicJwk(key), typ);
  if (!payload.ok()) return NotValid();
  auto open = json::ParseStrict(*payload, kLimits);
  if (!open.ok() || !open->is_object()) return NotValid();
  SdJwtClaims out{*std::move(open), Value::Object()};
  LIMPID_ASSIGN_OR_RETURN(Digests digests, TakeDigests(out.open));
  if (!IsPlain(out.open)) return NotValid();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    // Each once: who discloses the same twice finds it gone.
    if (digests.erase(DisclosureDigest(parts[i])) == 0) return NotValid();
    LIMPID_ASSIGN_OR_RETURN(Member member, ReadDisclosure(parts[i]));
    if (out.open.Find(member.key) != nullptr ||
        out.disclosed.Find(member.key) != nullptr) {
      return NotValid();
    }
    out.disclosed.Set(member.key, std::move(member.value));
  }
  return out;
}

}  // namespace limpid::jose
