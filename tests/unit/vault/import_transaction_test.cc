// What an import does inside its one transaction, which everybody's writes wait
// for, and what it does when something changes before it.

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/crypto/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/forwarding_key_store.h"
#include "tests/unit/vault/forwarding_vault_store.h"
#include "tests/unit/vault/portability_fixture.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;

constexpr std::string_view kSize = "household.size";

// What is done while a transaction is open.
struct Inside {
  bool open = false;
  int keys_read = 0;
  int random_drawn = 0;
};

class WatchedValues final : public ForwardingVaultStore {
 public:
  WatchedValues(VaultStore& inner, Inside& inside)
      : ForwardingVaultStore(inner), inside_(inside) {}

  absl::Status Write(
      absl::FunctionRef<absl::Status(VaultTransaction&)> work) override {
    if (before) {
      // What it writes does not come back here.
      const auto hook = std::exchange(before, nullptr);
      hook();
      before = hook;
    }
    return ForwardingVaultStore::Write([&](VaultTransaction& transaction) {
      inside_.open = true;
      absl::Status out = work(transaction);
      inside_.open = false;
      return out;
    });
  }

  // Runs before each write.
  std::function<void()> before;

 private:
  Inside& inside_;
};

class WatchedKeys final : public ForwardingKeyStore {
 public:
  WatchedKeys(KeyStore& inner, Inside& inside)
      : ForwardingKeyStore(inner), inside_(inside) {}

  absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const override {
    if (inside_.open) ++inside_.keys_read;
    return ForwardingKeyStore::FindServerSlot(owner, generation);
  }
  absl::StatusOr<std::vector<SlotRow>> List(const Owner& owner,
                                            Custody custody) const override {
    if (inside_.open) ++inside_.keys_read;
    return ForwardingKeyStore::List(owner, custody);
  }

 private:
  Inside& inside_;
};

class WatchedRandom final : public crypto::RandomSource {
 public:
  explicit WatchedRandom(Inside& inside) : inside_(inside) {}

  void Fill(std::span<std::uint8_t> out) override {
    if (inside_.open) ++inside_.random_drawn;
    crypto::SystemRandom().Fill(out);
  }

 private:
  Inside& inside_;
};

class ImportTransaction : public ::testing::Test {
 protected:
  ImportTransaction() {
    for (int i = 0; i < 5; ++i) old_.Put(kSize, "2");
    old_.Put("person.birth_date", R"("1990-04-01")", {}, /*sign=*/true);
    old_.Erase(kSize, 2);
    const client::SealedKey key = client::MakeSealedKey(old_.home());
    old_.AddSlot(key, 1);
    old_.PutSealed(key, "person.email", R"("anna@example.org")");
    const std::vector<std::string> all = old_.Export();
    for (const std::string& line : all) {
      if (!ParseBundleLine(line).ok()) continue;
      lines_.push_back(line);
    }
  }

  // All lines at once; versions with the one before.
  absl::StatusOr<ImportAnswer> Import() {
    std::vector<ImportLine> batch;
    for (const std::string& line : lines_) {
      batch.push_back({line, {}});
      const auto item = ParseBundleLine(line).value();
      const auto* const version = std::get_if<CarriedVersion>(&item);
      if (version == nullptr || version->version == 1) continue;
      batch.back().previous =
          crypto::Sha256(base::AsBytes(batch[batch.size() - 2].line));
    }
    return importer_.Import(anna(), {}, batch);
  }
  const PersonCaller& anna() { return new_.caller; }
  void Put(std::string_view attribute, std::string_view json) {
    NewValue value;
    value.attribute = attribute;
    value.value_json = json;
    value.request_id = crypto::RandomArray<16>();
    ASSERT_THAT(person_.Put(anna(), value), IsOk());
  }

  AnnaKeys keys_;
  PortVault old_{"old.example", 0x10, keys_};
  // Its stores, behind those that watch.
  PortVault new_{"new.example", 0x40, keys_};
  Inside inside_;
  WatchedValues values_{*new_.store, inside_};
  WatchedKeys slot_store_{*new_.keys, inside_};
  WatchedRandom random_{inside_};
  // No person key stays unwrapped: whoever needs one is seen.
  std::unique_ptr<VaultCore> core_ =
      VaultCore::Open(
          {new_.core->identity(), crypto::Suite::kXChaCha20Poly1305, 0},
          {new_.keks, slot_store_, values_, new_.clock, random_})
          .value();
  SlotDesk slots_{*core_};
  Exporter exporter_{*core_, slots_};
  Importer importer_{*core_, slots_};
  PersonVault person_{*core_, new_.publisher};
  std::vector<std::string> lines_;
};

TEST_F(ImportTransaction, NothingIsOpenedOrSealedInItButActs) {
  const auto acts = [&] { return static_cast<int>(values_.Head()->counter); };
  const int earlier = acts();
  ASSERT_THAT(exporter_.Page(anna(), {}), IsOk());
  const int for_an_act = inside_.random_drawn / (acts() - earlier);
  ASSERT_GT(for_an_act, 0);

  const int before = acts();
  inside_ = {};
  const auto answer = Import();
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->results, Each(::testing::Field(&ImportResult::outcome,
                                                     ImportOutcome::kCreated)));
  EXPECT_EQ(inside_.keys_read, 0);
  EXPECT_EQ(inside_.random_drawn, for_an_act * (acts() - before));

  inside_ = {};
  const auto again = Import();
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->results,
              Each(::testing::Field(&ImportResult::outcome,
                                    ImportOutcome::kUnchanged)));
  EXPECT_EQ(inside_.keys_read, 0);
  EXPECT_EQ(inside_.random_drawn, 0);
}

// Between what was looked at and the transaction.
TEST_F(ImportTransaction, WhatCameInBetweenIsSeen) {
  std::erase_if(lines_, [](const std::string& line) {
    return line.find(kSize) == std::string::npos;
  });
  ASSERT_EQ(lines_.size(), 5U);
  bool first = true;
  values_.before = [&] {
    if (std::exchange(first, false)) Put(kSize, "9");
  };
  const auto answer = Import();
  ASSERT_THAT(answer, IsOk());
  const auto why = [](ImportRefusal refusal) {
    return ::testing::Field(&ImportResult::refusal, refusal);
  };
  const auto gap = why(ImportRefusal::kGap);
  EXPECT_THAT(answer->results,
              ElementsAre(why(ImportRefusal::kOtherValue), gap, gap, gap, gap));
  EXPECT_FALSE(answer->act.has_value());

  // Somebody is faster every time.
  values_.before = [&] { Put(kSize, "9"); };
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kUnavailable));
}

// A row that was opened and is another state when its line is compared.
TEST_F(ImportTransaction, WhatWentInBetweenIsSeen) {
  ASSERT_THAT(Import(), IsOk());
  const Owner owner = core_->blinder().OwnerOf(anna().holder);
  const NameKey name = core_->blinder().NameKeyOf(anna().holder, kSize);
  bool first = true;
  values_.before = [&] {
    if (!std::exchange(first, false)) return;
    ASSERT_THAT(new_.store->Write([&](VaultTransaction& transaction) {
      return transaction.Erase(owner, name, 5, 1);
    }),
                IsOk());
  };
  const auto answer = Import();
  ASSERT_THAT(answer, IsOk());
  EXPECT_FALSE(first);
  EXPECT_EQ(std::count_if(answer->results.begin(), answer->results.end(),
                          [](const ImportResult& result) {
                            return result.refusal == ImportRefusal::kOtherValue;
                          }),
            1);
}

// The key that values were sealed under is gone when they are stored.
TEST_F(ImportTransaction, AKeyThatWasRotatedInBetweenIsNotUsed) {
  Put("person.phone", R"("+31201234567")");
  const auto eraser =
      Eraser::Open(*core_, new_.tombstones, *new_.copies, {30, 7, 14, 30});
  ASSERT_THAT(eraser, IsOk());
  ErasureDesk desk(*core_, **eraser, new_.publisher);
  // The slot comes first: what follows is the transaction of the versions.
  ASSERT_THAT(importer_.Import(anna(), {},
                               std::vector<ImportLine>{{lines_.front(), {}}}),
              IsOk());
  bool first = true;
  values_.before = [&] {
    if (!std::exchange(first, false)) return;
    ASSERT_THAT(desk.EraseVersion(anna(), "person.phone", 1), IsOk());
  };
  ASSERT_THAT(Import(), IsOk());
  EXPECT_FALSE(first);
  EXPECT_EQ(person_.Get(anna(), kSize, 3).value().value.value_json, "2");
  const auto row =
      values_.Find(core_->blinder().OwnerOf(anna().holder),
                   core_->blinder().NameKeyOf(anna().holder, kSize), 3);
  EXPECT_EQ((*row)->generation, 2U);
}

}  // namespace
}  // namespace limpid::vault
