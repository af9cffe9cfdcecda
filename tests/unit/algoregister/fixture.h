// A register in memory with a publisher who holds a key, and verbs for what a
// publisher does.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_FIXTURE_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_FIXTURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile_names.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/store/memory_registration_store.h"
#include "algoregister/store/memory_service_key_store.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "common/tlog/log.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

// A log that is a list, and that can die before or after it has written.
class ListLog final : public tlog::Log {
 public:
  enum class Death { kNone, kBefore, kAfter };

  absl::StatusOr<Appended> Append(std::span<const base::Bytes> added) override {
    if (death == Death::kBefore) return absl::InternalError("died before");
    Appended out;
    out.first_index = entries.size();
    entries.insert(entries.end(), added.begin(), added.end());
    ++append_count;
    if (death == Death::kAfter) return absl::InternalError("died after");
    return out;
  }
  const std::string& origin() const override { return origin_; }
  std::string Vkey() const override { return {}; }
  std::uint64_t size() const override { return entries.size(); }
  tlog::Checkpoint checkpoint() const override { return {}; }
  std::string SignedCheckpoint() const override { return {}; }
  absl::Time signed_at() const override { return absl::UnixEpoch(); }
  absl::StatusOr<std::vector<base::Digest32>> InclusionProof(
      std::uint64_t /*index*/, std::uint64_t /*size*/) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::vector<base::Digest32>> ConsistencyProof(
      std::uint64_t /*old_size*/, std::uint64_t /*size*/) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<tlog::LogProof> Prove(std::uint64_t /*index*/) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::vector<base::Bytes>> ReadEntries(
      std::uint64_t first, std::uint64_t count) const override {
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<base::Bytes>(begin,
                                    begin + static_cast<std::ptrdiff_t>(count));
  }

  std::vector<base::Bytes> entries;
  int append_count = 0;
  Death death = Death::kNone;

 private:
  std::string origin_ = "example.org/register";
};

inline crypto::Ed25519PrivateKey KeyOf(std::uint8_t fill) {
  const std::vector<std::uint8_t> seed(32, fill);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

inline Publisher MakePublisher(std::uint8_t fill) {
  Publisher publisher;
  publisher.id = PublisherId::Random();
  publisher.name = "City of Examples";
  publisher.importer = true;
  base::Digest32 thumbprint{};
  thumbprint.fill(fill);
  publisher.certificate_thumbprints = {thumbprint};
  publisher.signing_keys = {KeyOf(fill).PublicKey()};
  return publisher;
}

inline SignedDraft Sign(const Draft& draft,
                        const crypto::Ed25519PrivateKey& key) {
  const auto signature = receipt::SignRegistrationLeaf(
      receipt::RegistrationLeafBody(draft.leaf), draft.fields, key);
  EXPECT_THAT(signature, testing::IsOk());
  return {
      .draft = draft,
      .signature = signature.ok() ? *signature : crypto::Ed25519Signature{}};
}

// The request content of a system called `title`.
inline json::Value SystemRequest(std::string_view title) {
  json::Value content = NewContent(RegistrationKind::kSystem);
  SetField(content, "title", GivenText("en", title));
  content.Remove("kind");
  return content;
}

template <typename Store>
class RegisterHouseOf {
 public:
  template <typename... Args>
  explicit RegisterHouseOf(Args&&... args)
      : store(std::forward<Args>(args)...) {}

  [[nodiscard]] Author By(const Publisher& who) const {
    return {.publisher = who,
            .key = who.signing_keys.front(),
            .role = AuthorRole::kPublisher,
            .reason = "because"};
  }
  absl::StatusOr<Version> Publish(const Draft& draft) {
    return target.Publish(publisher, Sign(draft, key));
  }
  // Signed by the publisher, and sealed.
  [[nodiscard]] absl::StatusOr<SealedDraft> Seal(const Draft& draft) const {
    auto checked = CheckedDraft::Check(draft);
    if (!checked.ok()) return checked.status();
    return SealedDraft::Seal(*std::move(checked), Sign(draft, key).signature,
                             publisher);
  }
  // Registers a system and returns its first version.
  Version NewSystem(std::string_view title) {
    const auto draft = target.PrepareNew(
        By(publisher), RegistrationKind::kSystem, SystemRequest(title));
    EXPECT_THAT(draft, testing::IsOk());
    const auto version = Publish(*draft);
    EXPECT_THAT(version, testing::IsOk());
    return *version;
  }

  // Every head that matches.
  std::vector<Head> All(const ListFilter& filter) {
    auto heads = store.List(filter, std::nullopt, 10'000);
    EXPECT_THAT(heads, testing::IsOk());
    return heads.ok() ? *std::move(heads) : std::vector<Head>();
  }

  ImportRequest RequestFor(std::string_view file) {
    return {.profile = "nl-list",
            .file = file,
            .reason = "the national list",
            .key = key.PublicKey()};
  }
  absl::StatusOr<std::shared_ptr<const ImportPlan>> Plan(
      std::string_view file) {
    return desk.Plan(publisher, RequestFor(file));
  }
  std::vector<crypto::Ed25519Signature> SignAll(const ImportPlan& plan) {
    std::vector<crypto::Ed25519Signature> out;
    for (const PlannedRow& row : plan.rows) {
      for (const CheckedDraft& draft : row.drafts) {
        out.push_back(Sign(draft.draft(), key).signature);
      }
    }
    return out;
  }
  // Plans and commits; returns the plan's counts.
  ImportCounts Import(std::string_view file) {
    const auto plan = Plan(file);
    EXPECT_THAT(plan, testing::IsOk());
    if (!plan.ok()) return {};
    if ((*plan)->counts.drafts == 0) return (*plan)->counts;
    EXPECT_THAT(desk.Commit(publisher, (*plan)->id, SignAll(**plan),
                            [this](const ImportProgress& progress) {
                              last_progress = progress;
                              return absl::OkStatus();
                            }),
                testing::IsOk());
    return (*plan)->counts;
  }

  Store store;
  MemoryServiceKeyStore service_keys;
  ListLog log;
  testing::FakeClock clock;
  crypto::Ed25519PrivateKey key = KeyOf(7);
  Publisher publisher = MakePublisher(7);
  Register::Parts parts = {.store = store,
                           .log = log,
                           .clock = clock,
                           .random = crypto::SystemRandom(),
                           .service_keys = service_keys,
                           .import_names = ProfileNames()};
  Register target{parts};
  ImportDesk desk{target, parts};
  ImportProgress last_progress;
};

using RegisterHouse = RegisterHouseOf<MemoryRegistrationStore>;

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_FIXTURE_H_
