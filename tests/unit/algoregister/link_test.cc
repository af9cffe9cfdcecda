#include "algoregister/links/link.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"

namespace limpid::algoregister {
namespace {

bool Has(const std::vector<Link>& links, LinkKind kind, std::string_view key) {
  return std::any_of(links.begin(), links.end(), [&](const Link& link) {
    return link.kind == kind && link.key == key;
  });
}

TEST(LinkTest, KeysFoldCaseAndBlanks) {
  EXPECT_EQ(LinkKey("  Water \n\tACT "), "water act");
  EXPECT_EQ(LinkKey(" \n"), "");
  EXPECT_EQ(LinkKey(std::string(kMaxLinkTextBytes, 'x')).size(),
            kMaxLinkTextBytes);
  EXPECT_EQ(LinkKey(std::string(kMaxLinkTextBytes + 1, 'x')), "");
}

TEST(LinkTest, AVendorIsLinkedByIdAndAsAReference) {
  const auto vendor = RegistrationId::Random(RegistrationKind::kOrganisation);
  json::Value content = NewContent(RegistrationKind::kSystem);
  SetField(content, "title", GivenText("en", "Router"));
  SetField(content, "provider", Given(json::Value(vendor.Text())));
  const auto links = LinksOf(content);
  EXPECT_TRUE(Has(links, LinkKind::kReference, LinkKey(vendor)));
  EXPECT_TRUE(Has(links, LinkKind::kVendor, LinkKey(vendor)));
  EXPECT_EQ(links.size(), 2U);
}

TEST(LinkTest, LinesOfALegalTextCountOneByOne) {
  json::Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "legal_basis",
           GivenText("nl", "Waterwet\nWet open overheid; Waterwet\n" +
                               std::string(300, 'x')));
  const auto links = LinksOf(content);
  EXPECT_TRUE(Has(links, LinkKind::kLaw, "waterwet"));
  EXPECT_TRUE(Has(links, LinkKind::kLaw, "wet open overheid"));
  EXPECT_EQ(links.size(), 2U);
  EXPECT_EQ(links.front().pointer, "/fields/legal_basis/value/nl/text");
}

TEST(LinkTest, AttributesOfTheVaultAreLinked) {
  for (const auto kind :
       {RegistrationKind::kSystem, RegistrationKind::kDeployment}) {
    json::Value content = NewContent(kind);
    SetField(content, "title", GivenText("en", "Router"));
    SetField(content, "processes_attributes",
             Given(json::Value(std::vector<json::Value>{
                 json::Value("income"), json::Value("address")})));
    content.Set("reason", "because");
    EXPECT_TRUE(ValidateContent(content).ok());
    EXPECT_TRUE(Has(LinksOf(content), LinkKind::kAttribute, "income"));
  }
}

TEST(LinkTest, EveryRowNamesAFieldOfSomeKind) {
  for (const LinkField& row : LinkFields()) {
    bool found = false;
    for (const RegistrationKind kind : receipt::kRegistrationKinds) {
      const FieldSpec* const spec = FindField(kind, row.field);
      if (spec == nullptr) continue;
      found = found || row.member.empty() ||
              std::any_of(spec->members.begin(), spec->members.end(),
                          [&row](const MemberSpec& member) {
                            return member.name == row.member;
                          });
    }
    EXPECT_TRUE(found) << row.field << " " << row.member;
  }
}

}  // namespace
}  // namespace limpid::algoregister
