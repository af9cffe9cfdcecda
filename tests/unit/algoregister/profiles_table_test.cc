// That the tables of fields and profiles fit each other: what the engine takes
// for granted.

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "common/base/text.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;

std::string At(const Profile& profile, const Column& column) {
  return absl::StrCat(ToAbsl(profile.name), ": ", ToAbsl(column.foreign));
}

// What a column of a type can be written to; nothing for those that write no
// field and for those that any field takes.
std::optional<FieldType> FieldTypeOf(ColumnType type) {
  if (type == ColumnType::kText || type == ColumnType::kRichText) {
    return FieldType::kText;
  }
  if (type == ColumnType::kPlain) return FieldType::kPlain;
  if (type == ColumnType::kDate) return FieldType::kDate;
  if (type == ColumnType::kUrl) return FieldType::kUrl;
  if (type == ColumnType::kCode) return FieldType::kCode;
  if (type == ColumnType::kCodes) return FieldType::kCodes;
  if (type == ColumnType::kPlains) return FieldType::kPlains;
  if (type == ColumnType::kNumber) return FieldType::kNumber;
  if (type == ColumnType::kDigest) return FieldType::kDigest;
  if (type == ColumnType::kOrganisationName) return FieldType::kReference;
  if (type == ColumnType::kRecords || type == ColumnType::kRecordMember) {
    return FieldType::kRecords;
  }
  if (type == ColumnType::kDocument) return FieldType::kDocument;
  return std::nullopt;
}

bool IsCoded(ColumnType type) {
  return type == ColumnType::kCode || type == ColumnType::kCodes;
}

bool Has(std::span<const Code> codes, std::string_view code) {
  return std::any_of(codes.begin(), codes.end(),
                     [code](const Code& known) { return known.code == code; });
}

// As the engine compares codes.
std::string Spelling(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '_' || c == '-') continue;
    const bool upper = c >= 'A' && c <= 'Z';
    out.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

void CheckPairs(std::span<const CodePair> pairs, std::span<const Code> codes,
                const std::string& at) {
  EXPECT_FALSE(pairs.empty()) << at;
  std::set<std::string> spellings;
  for (const CodePair& pair : pairs) {
    EXPECT_TRUE(pair.ours.empty() || Has(codes, pair.ours))
        << at << ": " << pair.ours;
    EXPECT_TRUE(spellings.insert(Spelling(pair.foreign)).second)
        << at << ": " << pair.foreign << " stands twice";
  }
}

void CheckOtherwise(const Profile& profile, const Column& column) {
  if (column.otherwise.empty()) return;
  const FieldSpec* const spec = FindField(profile.kind, column.otherwise);
  ASSERT_NE(spec, nullptr) << At(profile, column);
  const bool many = column.type == ColumnType::kCodes;
  EXPECT_TRUE(many ? spec->type == FieldType::kPlains
                   : spec->type == FieldType::kPlain ||
                         spec->type == FieldType::kText)
      << At(profile, column);
}

void CheckMembers(const Profile& profile, const Column& column,
                  const FieldSpec& spec) {
  const std::string at = At(profile, column);
  if (column.type == ColumnType::kRecordMember) {
    EXPECT_NE(FindMember(spec, column.member), nullptr) << at;
    return;
  }
  EXPECT_FALSE(column.members.empty()) << at;
  std::set<std::string_view> written;
  for (const MemberColumn& member : column.members) {
    const MemberSpec* const target = FindMember(spec, member.member);
    ASSERT_NE(target, nullptr) << at << ": " << member.member;
    EXPECT_EQ(FieldTypeOf(member.type), target->type)
        << at << ": " << member.member;
    EXPECT_TRUE(written.insert(member.member).second) << at;
    if (IsCoded(member.type)) CheckPairs(member.codes, target->codes, at);
    if (member.otherwise.empty()) continue;
    const MemberSpec* const rest = FindMember(spec, member.otherwise);
    ASSERT_NE(rest, nullptr) << at << ": " << member.otherwise;
    EXPECT_EQ(rest->type, FieldType::kPlain) << at;
    EXPECT_TRUE(written.insert(member.otherwise).second) << at;
  }
}

void CheckColumn(const Profile& profile, const Column& column) {
  const std::string at = At(profile, column);
  if (column.type == ColumnType::kForeignId ||
      column.type == ColumnType::kConstant ||
      column.type == ColumnType::kMade ||
      column.type == ColumnType::kLanguage) {
    EXPECT_TRUE(column.field.empty()) << at;
    return;
  }
  const FieldSpec* const spec = FindField(profile.kind, column.field);
  ASSERT_NE(spec, nullptr) << at << ": " << column.field;
  if (const auto wanted = FieldTypeOf(column.type)) {
    EXPECT_EQ(spec->type, *wanted) << at;
  }
  if (column.type == ColumnType::kOrganisationName) {
    EXPECT_EQ(spec->target, RegistrationKind::kOrganisation) << at;
  }
  if (IsCoded(column.type)) CheckPairs(column.codes, spec->codes, at);
  if (spec->type == FieldType::kRecords) CheckMembers(profile, column, *spec);
  CheckOtherwise(profile, column);
}

TEST(ProfileTables, EveryColumnFitsAFieldOfTheKind) {
  for (const Profile* const profile : Profiles()) {
    for (const Column& column : profile->columns) CheckColumn(*profile, column);
  }
}

// The places that a column writes: field, language, member.
using Place = std::tuple<std::string_view, std::string_view, std::string_view>;

TEST(ProfileTables, NoTwoColumnsWriteTheSamePlace) {
  for (const Profile* const profile : Profiles()) {
    // Documents may say one thing in several places.
    if (profile->layout == Layout::kDocument &&
        profile->kind != RegistrationKind::kSystem) {
      continue;
    }
    std::set<Place> places;
    std::set<std::string_view> names;
    std::set<std::string_view> fields;
    std::set<std::string_view> others;
    for (const Column& column : profile->columns) {
      EXPECT_TRUE(names.insert(column.foreign).second) << At(*profile, column);
      if (column.field.empty()) continue;
      const std::string_view language =
          column.language.empty() ? profile->language : column.language;
      const bool text = FieldTypeOf(column.type) == FieldType::kText;
      EXPECT_TRUE(
          places.insert({column.field, text ? language : "", column.member})
              .second)
          << At(*profile, column);
      fields.insert(column.field);
      if (column.otherwise.empty()) continue;
      EXPECT_TRUE(others.insert(column.otherwise).second)
          << At(*profile, column) << ": " << column.otherwise;
    }
    for (const std::string_view other : others) {
      EXPECT_FALSE(fields.contains(other)) << profile->name << ": " << other;
    }
  }
}

TEST(ProfileTables, EveryProfileIsFoundAndNamesItsRegistrations) {
  std::string_view last;
  for (const Profile* const profile : Profiles()) {
    EXPECT_EQ(FindProfile(profile->name), profile);
    EXPECT_LT(last, profile->name);
    last = profile->name;
    EXPECT_FALSE(profile->title.empty()) << profile->name;
    const FieldSpec& naming = NamingField(profile->kind);
    EXPECT_TRUE(std::any_of(
        profile->columns.begin(), profile->columns.end(),
        [&naming](const Column& c) { return c.field == naming.name; }))
        << profile->name;
  }
  EXPECT_EQ(FindProfile("nl-9.9"), nullptr);
}

TEST(ProfileTables, KeysAndMissingFieldsAreKnown) {
  for (const Profile* const profile : Profiles()) {
    for (const std::string_view name : profile->natural_key) {
      EXPECT_TRUE(
          std::any_of(profile->columns.begin(), profile->columns.end(),
                      [name](const Column& c) { return c.foreign == name; }))
          << profile->name << ": " << name;
    }
    for (const std::string_view name : profile->missing) {
      EXPECT_NE(FindField(profile->kind, name), nullptr) << name;
      EXPECT_TRUE(
          std::none_of(profile->columns.begin(), profile->columns.end(),
                       [name](const Column& c) { return c.field == name; }))
          << profile->name << ": " << name;
    }
  }
}

// An alias scheme has 64 bytes, and ":natural" must fit behind the name.
TEST(ProfileTables, SchemesAreSchemes) {
  const auto fits = [](std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.:-") ==
               std::string_view::npos;
  };
  for (const Profile* const profile : Profiles()) {
    EXPECT_TRUE(fits(profile->name, 56)) << profile->name;
    EXPECT_TRUE(fits(profile->organisation_scheme, 64)) << profile->name;
  }
}

TEST(ProfileTables, TheNationalProfilesAreAllHere) {
  for (const std::string_view name :
       {"annex-viii-a", "annex-viii-b", "annex-viii-c", "ars-0.1a14",
        "ats-0.3.1", "ats-0.3.1-nl", "ca-register", "cl-cplt", "nl-0.1",
        "nl-1.0", "nl-list", "nyc-ll35", "nyc-ll35-2024", "omb-2024",
        "omb-2025", "uk-1.1", "uk-list"}) {
    EXPECT_NE(FindProfile(name), nullptr) << name;
  }
  EXPECT_EQ(FindProfile("omb-2025")->columns.size(), 36U);
  EXPECT_EQ(FindProfile("omb-2024")->columns.size(), 62U);
  EXPECT_EQ(FindProfile("nyc-ll35")->columns.size(), 18U);
  EXPECT_EQ(FindProfile("nyc-ll35-2024")->columns.size(), 27U);
  EXPECT_EQ(FindProfile("ca-register")->columns.size(), 24U);
}

TEST(FieldTables, NamesAndCodesStandOnceAndHaveALabel) {
  for (const RegistrationKind kind : receipt::kRegistrationKinds) {
    std::set<std::string_view> names;
    for (const FieldSpec& spec : FieldsOf(kind)) {
      EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
      EXPECT_FALSE(spec.label.empty()) << spec.name;
      std::set<std::string_view> codes;
      for (const Code& code : spec.codes) {
        EXPECT_TRUE(codes.insert(code.code).second)
            << spec.name << ": " << code.code;
        EXPECT_FALSE(code.label.empty()) << spec.name << ": " << code.code;
      }
    }
    // A leaf has at most 1,024 digests; aliases, kind and reason are three.
    EXPECT_LE(names.size(), 1'021U);
  }
}

// Versions of earlier releases have these.
TEST(FieldTables, EarlierFieldsAndCodesAreKept) {
  const auto codes = [](std::string_view field) {
    return FindField(RegistrationKind::kDeployment, field)->codes;
  };
  for (const std::string_view code :
       {"in_development", "in_use", "out_of_use"}) {
    EXPECT_TRUE(Has(codes("status"), code)) << code;
  }
  EXPECT_TRUE(Has(codes("impact_assessment"), "done"));
  EXPECT_TRUE(Has(codes("impact_assessment"), "not_done"));
  for (const std::string_view field :
       {"title", "goal", "organisation", "system", "legal_basis",
        "registered_on", "listed_on", "source_url"}) {
    EXPECT_NE(FindField(RegistrationKind::kDeployment, field), nullptr)
        << field;
  }
}

}  // namespace
}  // namespace limpid::algoregister
