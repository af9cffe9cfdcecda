// Anna's full vault at an old operator and her empty one at a new: the cases
// that tests of carrying it share.

#ifndef LIMPID_TESTS_UNIT_VAULT_PORTABILITY_CASE_H_
#define LIMPID_TESTS_UNIT_VAULT_PORTABILITY_CASE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/unit/vault/portability_fixture.h"
#include "vault/portability/bundle_line.h"

namespace limpid::vault {

inline constexpr About kYear = {AboutKind::kDays, {20240101, 20241231}};
inline constexpr About kNoDay = {AboutKind::kNoDay, {}};

// A line of a sealed version as earlier versions wrote it; any other as it is.
inline std::string WithoutKey(std::string line) {
  constexpr std::string_view kMember = R"("key_id":")";
  const std::size_t sealed = line.find(R"("sealed":{)");
  if (sealed == std::string::npos) return line;
  const std::size_t from = line.find(kMember, sealed);
  EXPECT_NE(from, std::string::npos);
  const std::size_t to = line.find("\",", from + kMember.size()) + 2;
  return line.erase(from, to - from);
}

class PortabilityTest : public ::testing::Test {
 protected:
  // Of everything something.
  void FillOld() {
    old_.Put("person.name", R"({"family":"Jansen","given":"Anna"})");
    old_.Put("person.birth_date", R"("1990-04-01")", kNoDay, /*sign=*/true);
    old_.Put("household.size", "2", kYear, /*sign=*/true);
    old_.clock.Advance(absl::Milliseconds(1234));
    old_.Put("household.size", "3", kYear);
    old_.Put("household.size", "4");
    old_.Erase("household.size", 2);
    old_.AddSlot(key_, 1);
    old_.PutSealed(key_, "person.email", R"("anna@example.org")");
    old_.PutSealed(key_, "person.email", R"("a@example.org")");
    old_.PutSealed(key_, "person.email", R"("b@example.org")");
    old_.Erase("person.email", 2);
  }
  static base::Digest32 DigestOf(std::string_view line) {
    return crypto::Sha256(base::AsBytes(line));
  }
  // The line of one version.
  static std::string& Find(std::vector<std::string>& lines,
                           std::string_view attribute, std::uint64_t version) {
    const auto found =
        std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
          const auto item = ParseBundleLine(line);
          const auto* const one =
              item.ok() ? std::get_if<CarriedVersion>(&*item) : nullptr;
          return one != nullptr && one->attribute == attribute &&
                 one->version == version;
        });
    return *found;
  }
  // What the new vault says to one line alone.
  ImportResult Try(const std::string& line,
                   const base::Digest32& previous = {}) {
    return new_.ImportBatch({{line, previous}}).results.front();
  }
  ImportRefusal Refusal(const std::string& line) {
    const ImportResult result = Try(line);
    EXPECT_EQ(result.outcome, ImportOutcome::kRefused);
    return result.refusal;
  }

  AnnaKeys anna_;
  PortVault old_{"old.example", 0x10, anna_};
  PortVault new_{"new.example", 0x40, anna_};
  client::SealedKey key_ = client::MakeSealedKey(old_.home());
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_PORTABILITY_CASE_H_
