// The signatures of a plan of many rows, which are looked at side by side.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/import_desk.h"
#include "common/base/bytes.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

// A list of so many rows of one organisation.
std::string FileOf(int row_count) {
  std::string out = "{\"algoritmes\": [";
  for (int i = 1; i <= row_count; ++i) {
    absl::StrAppend(&out, i == 1 ? "" : ",\n", R"({"id":")", i,
                    R"(","doel":"To help.","geregistreerd":"2026-04-07",)",
                    R"("organisatie":"Gemeente Delft","title":"Zivver"})");
  }
  return out + "]}";
}

TEST(ImportSignatures, TheFirstBadSignatureIsNamedWhereverItStands) {
  RegisterHouse house;
  const auto plan = house.Plan(FileOf(600));
  ASSERT_THAT(plan, IsOk());
  const auto signatures = house.SignAll(**plan);
  const auto ignore = [](const ImportProgress& /*progress*/) {
    return absl::OkStatus();
  };
  for (const auto& [first, second] :
       std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 600}, {1, 2}, {299, 300}, {310, 590}, {600, 600}}) {
    auto bad = signatures;
    bad.at(first)[0] ^= 1U;
    bad.at(second)[5] ^= 1U;
    EXPECT_THAT(house.desk.Commit(house.publisher, (*plan)->id, bad, ignore),
                StatusSays(kBad, absl::StrCat("signatures[", first, "]")));
  }
  EXPECT_TRUE(house.log.entries.empty());
  EXPECT_THAT(
      house.desk.Commit(house.publisher, (*plan)->id, signatures, ignore),
      IsOk());
  // Each signature came to its own draft, in row order.
  ASSERT_EQ(house.log.entries.size(), 601U);
  std::size_t next = 0;
  for (const PlannedRow& row : (*plan)->rows) {
    for (const CheckedDraft& draft : row.drafts) {
      base::Bytes entry = receipt::RegistrationLeafBody(draft.draft().leaf);
      const auto& signature = signatures.at(next);
      entry.insert(entry.end(), signature.begin(), signature.end());
      EXPECT_EQ(house.log.entries.at(next), entry);
      ++next;
    }
  }
}

}  // namespace
}  // namespace limpid::algoregister
