// A vault on a disk whose values are sealed anew: the verbs that tests of it
// share.

#ifndef LIMPID_TESTS_UNIT_VAULT_SUITE_FIXTURE_H_
#define LIMPID_TESTS_UNIT_VAULT_SUITE_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_disk.h"
#include "vault/log/act.h"
#include "vault/suites/suite_rotation.h"

namespace limpid::vault {

inline constexpr auto kFirst = crypto::Suite::kXChaCha20Poly1305;
inline constexpr auto kSecond = crypto::Suite::kAes256Gcm;
// Of Disk::Fill.
inline constexpr std::uint64_t kFilled = 5;

inline bool Never() { return false; }

struct WhichVersion {
  const char* attribute;
  std::uint64_t version;
};
inline constexpr WhichVersion kVersions[] = {{kBirth, 1},
                                             {kLanguage, 1},
                                             {kDisability, 1},
                                             {kDisability, 2},
                                             {kDisability, 3}};

// What a rotation needs of a process, and what it found damaged.
struct Rotating {
  explicit Rotating(Disk& disk)
      : rotation(*disk->core, *disk->eraser,
                 [this](const crypto::KeyId& row) { damaged.push_back(row); }) {
  }
  SuitePass Run() {
    const auto pass = rotation.Run(0, Never);
    EXPECT_THAT(pass, testing::IsOk());
    return pass.ok() ? *pass : SuitePass();
  }
  std::vector<crypto::KeyId> damaged;
  SuiteRotation rotation;
};

inline AttributeRow RowOf(Disk& disk, const PersonCaller& who,
                          const WhichVersion& which) {
  const Blinder& blinder = disk->core->blinder();
  const auto row = disk.values->Find(
      blinder.OwnerOf(who.holder),
      blinder.NameKeyOf(who.holder, which.attribute), which.version);
  EXPECT_TRUE(row.ok() && row->has_value());
  return **row;
}

inline bool IsIn(crypto::Suite suite, const AttributeRow& row) {
  return RecordCodec(ExampleIdentity(), suite).IsCurrent(row);
}

// What the last act of `kind` on the version says, as the person gets it.
inline std::optional<Act> ActOn(Disk& disk, const PersonCaller& who,
                                const WhichVersion& which, ActKind kind) {
  const auto proof =
      disk->person.Prove(who, which.attribute, which.version, kind);
  if (!proof.ok()) return std::nullopt;
  const auto disclosure = Disclosure::Decode(proof->disclosure);
  EXPECT_THAT(disclosure, testing::IsOk());
  EXPECT_EQ(CommitAct(disclosure->opening, disclosure->encoded_act),
            proof->commitment);
  const auto act = Act::Decode(disclosure->encoded_act);
  EXPECT_THAT(act, testing::IsOk());
  return act.ok() ? std::optional(*act) : std::nullopt;
}

// Everything of Fill is read, is in `suite`, and its act is of its payload.
inline void ExpectSealedAnew(Disk& disk, const PersonCaller& who,
                             crypto::Suite suite) {
  disk.ExpectSurvivors(who);
  EXPECT_EQ(disk.Value(who, kDisability, 1), "true");
  for (const WhichVersion& which : kVersions) {
    SCOPED_TRACE(absl::StrCat(which.attribute, " ", which.version));
    const AttributeRow row = RowOf(disk, who, which);
    EXPECT_TRUE(IsIn(suite, row));
    const auto act = ActOn(disk, who, which, ActKind::kReseal);
    ASSERT_TRUE(act.has_value());
    EXPECT_EQ(act->body, crypto::Sha256(row.payload));
    EXPECT_EQ(act->key_id, row.id);
    EXPECT_EQ(act->holder, who.holder);
    EXPECT_EQ(act->attribute, which.attribute);
    EXPECT_EQ(act->value_version, which.version);
    EXPECT_EQ(act->schema_version, row.schema_version);
  }
}

// Puts `now` in the place of `was` behind the vault's back.
inline void Plant(Disk& disk, const AttributeRow& was,
                  const AttributeRow& now) {
  ASSERT_THAT(disk.values->Write([&](VaultTransaction& transaction) {
    const auto replaced = transaction.erasure().Replace(was, now);
    EXPECT_TRUE(replaced.ok() && *replaced);
    return replaced.status();
  }),
              testing::IsOk());
}

inline std::uint64_t Reseals(Disk& disk) {
  std::uint64_t out = 0;
  const auto acts = disk.values->ActsFrom(1, 100'000);
  for (const ActRow& row : *acts) {
    if (row.kind == ActKind::kReseal) ++out;
  }
  return out;
}

class SuiteRotationTest : public EraserTest {
 protected:
  // The next process is set to `suite`.
  Rotating& Restart(crypto::Suite suite) {
    rotating_.reset();
    disk_.suite = suite;
    disk_.Start();
    rotating_ = std::make_unique<Rotating>(disk_);
    return *rotating_;
  }

  std::unique_ptr<Rotating> rotating_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_SUITE_FIXTURE_H_
