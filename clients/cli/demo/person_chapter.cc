// Anna makes an account and stores what she wants to keep.

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/demo/world.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

absl::StatusOr<PersonParts> MakeAccount(World& world, std::string_view name) {
  const std::filesystem::path home = world.directory / "people" / name;
  std::error_code error;
  std::filesystem::create_directories(home, error);
  LIMPID_RETURN_IF_ERROR(world.trust.Write(home / "trust.json"));
  client::PersonKey key = client::PersonKey::Generate();
  LIMPID_RETURN_IF_ERROR(key.WriteNew(home / "key.json"));
  LIMPID_ASSIGN_OR_RETURN(PersonParts parts,
                          OpenPerson(std::move(key), world.trust, world.clock));
  LIMPID_ASSIGN_OR_RETURN(const auto account, parts.consent->CreateAccount());
  LIMPID_ASSIGN_OR_RETURN(const auto again, parts.consent->CreateAccount());
  LIMPID_RETURN_IF_ERROR(Expect(account.person_id() == again.person_id(),
                                "the same key has one account"));
  return parts;
}

absl::Status Accounts(World& world) {
  LIMPID_ASSIGN_OR_RETURN(world.anna, MakeAccount(world, "anna"));
  LIMPID_ASSIGN_OR_RETURN(world.boris, MakeAccount(world, "boris"));
  world.story.Say("Their keys never left their devices.");
  return absl::OkStatus();
}

absl::Status Put(World& world) {
  for (const auto& [attribute, value] :
       {std::pair(demo::kName, demo::kNameValue),
        {demo::kBirthDate, demo::kBirthDateValue},
        {demo::kEmail, demo::kEmailValue},
        {demo::kHousehold, std::string_view("3")}}) {
    LIMPID_ASSIGN_OR_RETURN(const auto put,
                            world.anna->vault->Put(attribute, value));
    LIMPID_RETURN_IF_ERROR(
        Expect(put.version() == 1, "it is the first version"));
    world.story.Say("stored " + std::string(attribute));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto list, world.anna->vault->List());
  return Expect(list.size() == 4, "the vault lists four attributes");
}

absl::Status RefuseBadValue(World& world) {
  const auto put = world.anna->vault->Put(demo::kBirthDate, "\"yesterday\"");
  LIMPID_RETURN_IF_ERROR(
      ExpectCode(put.status(), absl::StatusCode::kInvalidArgument,
                 "a value that breaks its schema is refused"));
  world.story.Say(std::string(put.status().message()));
  return absl::OkStatus();
}

absl::Status Rectify(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const auto put,
                          world.anna->vault->Put(demo::kHousehold, "4"));
  LIMPID_ASSIGN_OR_RETURN(const auto history,
                          world.anna->vault->History(demo::kHousehold));
  LIMPID_ASSIGN_OR_RETURN(const auto old,
                          world.anna->vault->Get(demo::kHousehold, 1));
  LIMPID_ASSIGN_OR_RETURN(const auto now,
                          world.anna->vault->Get(demo::kHousehold, 0));
  return Expect(put.version() == 2 && history.size() == 2 &&
                    old.value_json() == "3" && now.value_json() == "4",
                "both versions are there, the newest first");
}

absl::Status VaultProof(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          world.trust.LogPolicy("/vault"));
  constexpr int kTries = 60;
  for (int i = 0; i < kTries; ++i) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto proof,
        world.anna->vault->Proof(
            {world.trust.source_id, std::string(demo::kBirthDate), 1,
             vault::v1::VAULT_ACT_PUT},
            policy));
    if (proof.state() == vault::v1::LOG_STATE_LOGGED) {
      world.story.Say(absl::StrCat("entry ", proof.leaf_index(),
                                   " of the vault's log; the proof verified"));
      return absl::OkStatus();
    }
    absl::SleepFor(absl::Milliseconds(500));
  }
  return Expect(false, "the vault's log takes the act in within 30 s");
}

}  // namespace

absl::Status TellPerson(World& world) {
  Story& story = world.story;
  story.Chapter("Anna and her vault");
  LIMPID_RETURN_IF_ERROR(
      story.Step("account", "Anna and Boris each make a key and an account.",
                 [&] { return Accounts(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "vault-put",
      "Anna stores her name, date of birth, e-mail address and household size, "
      "encrypted.",
      [&] { return Put(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step("vault-schema",
                                    "A date of birth that is none is refused.",
                                    [&] { return RefuseBadValue(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "vault-history", "Anna corrects a value; the old one stays as history.",
      [&] { return Rectify(world); }));
  return story.Step(
      "vault-log",
      "Anna's device verifies that the vault's own log holds what it did.",
      [&] { return VaultProof(world); });
}

}  // namespace limpid::cli
