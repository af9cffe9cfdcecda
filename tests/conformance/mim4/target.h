// The server under test: one that the suite starts by itself, or any running
// one. LIMPID_MIM4_ADDRESS ("host:port") and LIMPID_MIM4_DIRECTORY (what
// `limpid admin init` made for it, where certificates can be issued) name the
// latter; it gets services, agreements and persons of the suite's own.

#ifndef LIMPID_TESTS_CONFORMANCE_MIM4_TARGET_H_
#define LIMPID_TESTS_CONFORMANCE_MIM4_TARGET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tests/testing/world/world.h"

namespace limpid::mim4 {

inline constexpr const char* kPurpose = "https://w3id.org/dpv#ServiceProvision";
inline constexpr const char* kName = "person.name";
inline constexpr const char* kEmail = "person.email";
inline constexpr const char* kBirthDate = "person.birth_date";
inline constexpr const char* kSize = "household.size";

// The one server of the program, started or found at first use.
testing::World& Server();

// One service with an agreement over name, e-mail, household size and "over
// 18", and one person who has all of them in the vault.
class Mim4 : public ::testing::Test {
 protected:
  void SetUp() override;

  // Her answer to a new request; the record's id.
  std::string Granted(const std::vector<std::string>& attributes);
  // The code of a new request, and the record it became.
  std::string Bound();
  [[nodiscard]] absl::StatusOr<vault::v1::ReadAttributesResponse> Read(
      const std::string& record,
      const std::vector<std::string>& attributes) const;
  // Kinds of what happened to a record, oldest first.
  std::vector<consent::v1::AccessKind> Happened(const std::string& record);

  // Another service with an agreement of its own.
  testing::ServiceSide NewService();

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> person_;
};

}  // namespace limpid::mim4

#endif  // LIMPID_TESTS_CONFORMANCE_MIM4_TARGET_H_
