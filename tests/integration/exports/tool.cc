// exports_tool PROFILE FILE: imports a file into an empty register, adds one
// registration of our own with a value in most fields, and writes everything in
// the profile. For the tests that hold exports against published schemas.

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/profile/export.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "common/json/value.h"
#include "tests/testing/shared.h"
#include "tests/unit/algoregister/exported.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Plain texts that other standards have a form for.
constexpr auto kSamples =
    std::to_array<std::pair<std::string_view, std::string_view>>({
        {"artifact_media_type", "application/octet-stream"},
        {"identifier", "EUPL-1.2"},
        {"licence", "https://spdx.org/licenses/EUPL-1.2"},
        {"version", "1.2.0"},
    });

// A value of the field's type; nothing for what needs another registration.
Value SampleOf(const FieldSpec& field) {
  for (const auto& [name, text] : kSamples) {
    if (name == field.name) return Value(text);
  }
  switch (field.type) {
    case FieldType::kText:
      return *GivenText("en", "Words").Find("value");
    case FieldType::kPlain:
      return Value("words");
    case FieldType::kCode:
      return Value(field.codes.front().code);
    case FieldType::kCodes:
      return Value(std::vector<Value>{Value(field.codes.front().code)});
    case FieldType::kDate:
      return Value("2026-03-31");
    case FieldType::kUrl:
      return Value("https://nowhere.example/");
    case FieldType::kPlains:
      return Value(std::vector<Value>{Value("one"), Value("two")});
    case FieldType::kNumber:
      return Value(3);
    case FieldType::kDigest:
      return Value("sha256:" + std::string(64, '1'));
    case FieldType::kRecords: {
      Value record = Value::Object();
      for (const MemberSpec& member : field.members) {
        if (member.name == "other") continue;
        Value value = SampleOf(AsField(member));
        if (!value.is_null()) record.Set(member.name, std::move(value));
      }
      return Value(std::vector<Value>{record});
    }
    case FieldType::kReference:
    case FieldType::kReferences:
    case FieldType::kDatasetUses:
    case FieldType::kSnapshots:
    case FieldType::kDocument:
      break;
  }
  return {};
}

// Of our own: not imported from anywhere.
Value OwnContent(RegistrationKind kind) {
  Value content = NewContent(kind);
  for (const FieldSpec& field : FieldsOf(kind)) {
    if (field.name == "listing") continue;
    Value value = SampleOf(field);
    if (!value.is_null()) {
      SetField(content, field.name, Given(std::move(value)));
    }
  }
  return content;
}

int Run(std::string_view name, const std::string& path) {
  const Profile* const profile = FindProfile(name);
  if (profile == nullptr) return 2;
  RegisterHouse house;
  const std::string file = testing::ReadFile(path);
  ImportRequest request = house.RequestFor(file);
  request.profile = name;
  const auto plan = house.desk.Plan(house.publisher, request);
  if (!plan.ok()) return 3;
  if (!house.desk
           .Commit(house.publisher, (*plan)->id, house.SignAll(**plan),
                   [](const ImportProgress&) { return absl::OkStatus(); })
           .ok()) {
    return 4;
  }
  Value own = OwnContent(profile->kind);
  own.Remove("kind");
  const auto draft =
      house.target.PrepareNew(house.By(house.publisher), profile->kind, own);
  if (!draft.ok()) {
    std::fprintf(stderr, "%s\n", std::string(draft.status().message()).c_str());
    return 5;
  }
  if (!house.Publish(*draft).ok()) return 6;
  OrganisationNames names;
  for (const Head& head :
       house.All({.kind = RegistrationKind::kOrganisation})) {
    names[head.registration] = head.title;
  }
  std::vector<ExportItem> items;
  for (const Head& head : house.All({.kind = profile->kind})) {
    const Version version = *house.store.Get(head.registration, 0);
    items.push_back({.registration = head.registration,
                     .content = ContentOf(version),
                     .drafted = version.draft_time,
                     .publisher = version.publisher});
  }
  std::fputs(ExportItems(*profile, items, names).file.c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace limpid::algoregister

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  return limpid::algoregister::Run(argv[1], argv[2]);
}
