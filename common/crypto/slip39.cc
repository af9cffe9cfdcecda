#include "common/crypto/slip39.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/crypto/shamir.h"
#include "common/crypto/slip39_cipher.h"
#include "common/crypto/slip39_share.h"

namespace limpid::crypto::slip39 {
namespace {

using base::SecretAccess;
using base::SecretBytes;

// Places of the polynomial where no share lies (SLIP-0039, "Sharing a secret").
constexpr std::uint8_t kDigestPlace = 254;
constexpr std::uint8_t kSecretPlace = 255;
constexpr std::size_t kDigestBytes = 4;
constexpr std::string_view kHedgeLabel = "slip39-split";

absl::Status CheckPassphrase(std::string_view passphrase) {
  const bool printable =
      std::all_of(passphrase.begin(), passphrase.end(),
                  [](char letter) { return letter >= ' ' && letter <= '~'; });
  if (printable) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "a passphrase has printable ASCII characters only");
}

absl::Status CheckGroup(const Group& group) {
  if (group.count < 1 || group.count > kMaxShares) {
    return absl::InvalidArgumentError(
        absl::StrCat("a group has 1 to ", int{kMaxShares}, " shares"));
  }
  if (group.threshold < 1 || group.threshold > group.count) {
    return absl::InvalidArgumentError(
        "a group needs at least one of its shares and at most all");
  }
  if (group.threshold == 1 && group.count > 1) {
    return absl::InvalidArgumentError(
        "a group that needs one share has one share; copy it instead");
  }
  return absl::OkStatus();
}

absl::Status CheckSplitting(const SecretBytes& secret,
                            const Splitting& splitting) {
  if (secret.size() < kMinSecretBytes || secret.size() > kMaxSecretBytes ||
      secret.size() % 2 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a secret to split has ", kMinSecretBytes, " to ",
                     kMaxSecretBytes, " bytes, an even number"));
  }
  const std::size_t groups = splitting.groups.size();
  if (groups < 1 || groups > kMaxShares || splitting.group_threshold < 1 ||
      splitting.group_threshold > groups) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are 1 to ", int{kMaxShares},
                     " groups, of which at least one and at most all are "
                     "needed"));
  }
  if (splitting.iteration_exponent > kMaxIterationExponent) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the iteration exponent is at most ", int{kMaxIterationExponent}));
  }
  for (const Group& group : splitting.groups) {
    LIMPID_RETURN_IF_ERROR(CheckGroup(group));
  }
  return CheckPassphrase(splitting.passphrase);
}

// Secrets from one hedged key, each under its own number.
class Stream {
 public:
  explicit Stream(SecretBytes key) : key_(std::move(key)) {}

  SecretBytes Next(std::size_t size) {
    base::ByteWriter info(kHedgeLabel);
    info.U32(number_++);
    return *HkdfSha256(key_.Reveal(SecretAccess::Get()), {}, info.bytes(),
                       size);
  }

 private:
  SecretBytes key_;
  std::uint32_t number_ = 0;
};

base::ByteArray<kDigestBytes> DigestOf(base::ByteView key,
                                       const SecretBytes& secret) {
  const base::Digest32 whole =
      HmacSha256(key, {secret.Reveal(SecretAccess::Get())});
  base::ByteArray<kDigestBytes> digest{};
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

// The digest of the secret and the random key it is made with, as one value.
SecretBytes DigestValue(const SecretBytes& secret, Stream& stream) {
  const SecretBytes key = stream.Next(secret.size() - kDigestBytes);
  const base::ByteView key_bytes = key.Reveal(SecretAccess::Get());
  const base::ByteArray<kDigestBytes> digest = DigestOf(key_bytes, secret);
  SecretBytes value(secret.size());
  const std::span<std::uint8_t> out = value.RevealMutable(SecretAccess::Get());
  std::copy(key_bytes.begin(), key_bytes.end(),
            std::copy(digest.begin(), digest.end(), out.begin()));
  return value;
}

// `group.count` values of which `group.threshold` give `secret` back.
std::vector<SecretBytes> SplitValue(const Group& group,
                                    const SecretBytes& secret, Stream& stream) {
  std::vector<SecretBytes> values;
  if (group.threshold == 1) {
    for (std::uint8_t i = 0; i < group.count; ++i) {
      values.push_back(secret.Clone());
    }
    return values;
  }
  std::vector<ShamirPoint> points;
  for (std::uint8_t i = 0; i + 2 < group.threshold; ++i) {
    points.push_back({.x = i, .y = stream.Next(secret.size())});
  }
  points.push_back({.x = kDigestPlace, .y = DigestValue(secret, stream)});
  points.push_back({.x = kSecretPlace, .y = secret.Clone()});
  for (std::uint8_t i = 0; i < group.count; ++i) {
    values.push_back(Interpolate(points, i));
  }
  return values;
}

absl::StatusOr<SecretBytes> CombineValues(std::span<const ShamirPoint> points) {
  if (points.size() == 1) return points.front().y.Clone();
  SecretBytes secret = Interpolate(points, kSecretPlace);
  const SecretBytes digest_value = Interpolate(points, kDigestPlace);
  const base::ByteView digest = digest_value.Reveal(SecretAccess::Get());
  if (!base::ConstantTimeEqual(
          digest.first(kDigestBytes),
          DigestOf(digest.subspan(kDigestBytes), secret))) {
    return absl::DataLossError(
        "the shares do not fit together: one of them was forged or is from "
        "another splitting");
  }
  return secret;
}

base::Bytes HedgeData(const Splitting& splitting) {
  base::ByteWriter data;
  data.U8(splitting.group_threshold);
  for (const Group& group : splitting.groups) {
    data.U8(group.threshold).U8(group.count);
  }
  return data.Take();
}

GroupShares WordsOf(ShareInfo info, const Group& group,
                    const SecretBytes& group_secret, Stream& stream) {
  info.member_threshold = group.threshold;
  GroupShares out;
  for (SecretBytes& value : SplitValue(group, group_secret, stream)) {
    out.push_back(ToWords({.info = info, .value = std::move(value)}));
    ++info.member_index;
  }
  return out;
}

// Shares of one splitting: per group, what is needed and the points given.
struct Gathered {
  ShareInfo first;
  std::size_t value_bytes = 0;
  struct Members {
    std::uint8_t threshold = 0;
    std::vector<ShamirPoint> points;
  };
  std::map<std::uint8_t, Members> groups;
};

absl::Status AtShare(std::size_t index, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("share ", index + 1, ": ", base::ToAbsl(what)));
}

bool SameSplitting(const ShareInfo& left, const ShareInfo& right) {
  return left.identifier == right.identifier &&
         left.extendable == right.extendable &&
         left.iteration_exponent == right.iteration_exponent &&
         left.group_threshold == right.group_threshold &&
         left.group_count == right.group_count;
}

absl::Status Add(std::size_t index, Share share, Gathered& gathered) {
  if (index == 0) {
    gathered.first = share.info;
    gathered.value_bytes = share.value.size();
  }
  if (!SameSplitting(share.info, gathered.first) ||
      share.value.size() != gathered.value_bytes) {
    return AtShare(index, "it is from another splitting than the first one");
  }
  Gathered::Members& members = gathered.groups[share.info.group_index];
  if (members.points.empty()) members.threshold = share.info.member_threshold;
  if (members.threshold != share.info.member_threshold) {
    return AtShare(index, "it does not agree with others of its group");
  }
  for (const ShamirPoint& point : members.points) {
    if (point.x == share.info.member_index) {
      return AtShare(index, "its place is taken by a share before it");
    }
  }
  members.points.push_back(
      {.x = share.info.member_index, .y = std::move(share.value)});
  return absl::OkStatus();
}

absl::StatusOr<Gathered> Gather(std::span<const SecretBytes> shares) {
  if (shares.empty()) return absl::InvalidArgumentError("no share was given");
  Gathered gathered;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    absl::StatusOr<Share> share = FromWords(shares[i]);
    if (!share.ok()) {
      return AtShare(i, base::ToStd(share.status().message()));
    }
    LIMPID_RETURN_IF_ERROR(Add(i, *std::move(share), gathered));
  }
  if (gathered.first.iteration_exponent > kMaxIterationExponent) {
    return absl::InvalidArgumentError(
        "the shares ask for more work than any real one does");
  }
  return gathered;
}

// "exactly 2 groups needed, 1 given"; OK when it is as many.
absl::Status CheckCount(std::string_view what, std::size_t need,
                        std::size_t have) {
  if (need == have) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "exactly ", need, " ", base::ToAbsl(what), " needed, ", have, " given"));
}

}  // namespace

absl::StatusOr<std::vector<GroupShares>> Split(const SecretBytes& secret,
                                               const Splitting& splitting) {
  return Split(secret, splitting, SystemRandom());
}

absl::StatusOr<std::vector<GroupShares>> Split(const SecretBytes& secret,
                                               const Splitting& splitting,
                                               RandomSource& random) {
  LIMPID_RETURN_IF_ERROR(CheckSplitting(secret, splitting));
  Stream stream(HedgedKey(kHedgeLabel, HedgeData(splitting),
                          secret.Reveal(SecretAccess::Get()), random));
  const SecretBytes drawn = stream.Next(2);
  const base::ByteView name = drawn.Reveal(SecretAccess::Get());
  ShareInfo info{
      .identifier = static_cast<std::uint16_t>(base::ByteReader(name).U16() &
                                               kMaxIdentifier),
      .extendable = splitting.extendable,
      .iteration_exponent = splitting.iteration_exponent,
      .group_threshold = splitting.group_threshold,
      .group_count = static_cast<std::uint8_t>(splitting.groups.size())};
  const SecretBytes encrypted =
      Encrypt(secret, {.identifier = info.identifier,
                       .extendable = info.extendable,
                       .iteration_exponent = info.iteration_exponent,
                       .passphrase = splitting.passphrase});
  const std::vector<SecretBytes> group_secrets =
      SplitValue({.threshold = info.group_threshold, .count = info.group_count},
                 encrypted, stream);
  std::vector<GroupShares> out;
  for (const Group& group : splitting.groups) {
    out.push_back(
        WordsOf(info, group, group_secrets.at(info.group_index), stream));
    ++info.group_index;
  }
  return out;
}

absl::StatusOr<SecretBytes> Combine(std::span<const SecretBytes> shares,
                                    std::string_view passphrase) {
  LIMPID_RETURN_IF_ERROR(CheckPassphrase(passphrase));
  LIMPID_ASSIGN_OR_RETURN(const Gathered gathered, Gather(shares));
  LIMPID_RETURN_IF_ERROR(CheckCount("groups", gathered.first.group_threshold,
                                    gathered.groups.size()));
  std::vector<ShamirPoint> group_secrets;
  for (const auto& [index, members] : gathered.groups) {
    LIMPID_RETURN_IF_ERROR(
        CheckCount(absl::StrCat("shares of group ", index + 1),
                   members.threshold, members.points.size()));
    LIMPID_ASSIGN_OR_RETURN(SecretBytes secret, CombineValues(members.points));
    group_secrets.push_back({.x = index, .y = std::move(secret)});
  }
  LIMPID_ASSIGN_OR_RETURN(const SecretBytes encrypted,
                          CombineValues(group_secrets));
  return Decrypt(encrypted,
                 {.identifier = gathered.first.identifier,
                  .extendable = gathered.first.extendable,
                  .iteration_exponent = gathered.first.iteration_exponent,
                  .passphrase = passphrase});
}

}  // namespace limpid::crypto::slip39
