// The national register is imported, browsed, compared and checked, and a
// system and its dataset are registered.

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/demo/world.h"
#include "common/base/status_macros.h"
#include "common/crypto/x509.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

constexpr std::string_view kProfile = "nl-list";

absl::Status RegisterPublisher(World& world) {
  world.publisher_key =
      std::make_unique<client::PersonKey>(client::PersonKey::Generate());
  LIMPID_RETURN_IF_ERROR(world.publisher_key->WriteNew(
      ClientFile(world, "publisher-signing.json")));
  v1::Publisher publisher;
  publisher.set_name("Register desk of Voorbeeld");
  publisher.set_importer(true);
  LIMPID_ASSIGN_OR_RETURN(
      const std::string pem,
      ReadTextFile(ClientFile(world, "publisher").string() + ".pem"));
  LIMPID_ASSIGN_OR_RETURN(const base::Digest32 pin,
                          crypto::SpkiThumbprint(pem));
  publisher.add_certificate_thumbprints(base::ToText(pin));
  publisher.add_signing_public_keys(
      base::ToText(world.publisher_key->key().PublicKey().bytes));
  client::AdminClient admin(*world.administrator);
  LIMPID_ASSIGN_OR_RETURN(const auto made, admin.CreatePublisher(publisher));
  world.story.Say(made.name() + " is " + made.publisher_id());
  client::PublisherClient self(*world.publisher, world.publisher_key->key());
  LIMPID_ASSIGN_OR_RETURN(const auto seen, self.GetPublisher());
  return Expect(seen.publisher_id() == made.publisher_id(),
                "the publisher is known by its certificate");
}

absl::StatusOr<client::ImportReport> ImportFile(World& world,
                                                const std::string& file,
                                                std::string_view reason) {
  client::PublisherClient publisher(*world.publisher,
                                    world.publisher_key->key());
  Terminal& terminal = world.story.terminal();
  LIMPID_ASSIGN_OR_RETURN(
      auto report,
      publisher.Import(kProfile, file, reason, /*commit=*/true,
                       [&terminal](std::int64_t done, std::int64_t total) {
                         terminal.Progress("importing", done, total);
                       }));
  terminal.EndProgress();
  const auto& sum = report.summary;
  world.story.Say(
      absl::StrCat(sum.new_count(), " new, ", sum.changed_count(), " changed, ",
                   sum.unchanged_count(), " unchanged, ", sum.rejected_count(),
                   " rejected, ", sum.repaired_count(), " repaired"));
  return report;
}

absl::Status Import(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const client::ImportReport report,
      ImportFile(world, world.register_before, world.register_source));
  const auto& sum = report.summary;
  world.import_count = sum.new_count();
  LIMPID_RETURN_IF_ERROR(
      Expect(sum.new_count() > 0 && sum.rejected_count() == 0 &&
                 static_cast<std::int64_t>(report.rows.size()) ==
                     sum.new_count() + sum.changed_count() +
                         sum.unchanged_count() + sum.rejected_count(),
             "every row of the file is accounted for and none rejected"));
  return Expect(report.failures.empty() &&
                    report.committed.committed_row_count() == sum.new_count(),
                "every accepted row was published");
}

absl::Status Browse(World& world) {
  client::RegisterClient reader(*world.anonymous);
  v1::ListRegistrationsRequest request;
  request.set_kind(v1::REGISTRATION_KIND_DEPLOYMENT);
  request.set_page_size(3);
  LIMPID_ASSIGN_OR_RETURN(const auto page, reader.List(request));
  for (const auto& one : page.registrations()) {
    world.story.Say(one.title() + " (" + one.organisation_title() + ")");
  }
  return Expect(
      page.total_count() == world.import_count && page.registrations_size() > 0,
      "the register lists as many deployments as were imported");
}

absl::Status ReImport(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const client::ImportReport report,
      ImportFile(world, world.register_before, world.register_source));
  return Expect(report.summary.unchanged_count() == world.import_count &&
                    report.summary.draft_count() == 0,
                "importing the same file again changes nothing");
}

absl::Status ImportLater(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const client::ImportReport report,
      ImportFile(world, world.register_after, "the same list, weeks later"));
  for (const v1::ImportRow& row : report.rows) {
    if (row.outcome() != v1::IMPORT_OUTCOME_CHANGED) continue;
    client::RegisterClient reader(*world.anonymous);
    LIMPID_ASSIGN_OR_RETURN(const auto history,
                            reader.History(row.registration_id()));
    LIMPID_RETURN_IF_ERROR(
        Expect(history.size() == 2, "a changed row has two versions"));
    LIMPID_ASSIGN_OR_RETURN(const auto diff,
                            reader.Diff(row.registration_id(), 1, 2));
    for (const auto& change : diff.changes()) {
      world.story.Say(
          absl::StrCat(change.label(), ": \"", change.before().substr(0, 40),
                       "\" became \"", change.after().substr(0, 40), "\""));
    }
    return Expect(diff.changes_size() > 0, "the comparison names a change");
  }
  return Expect(false, "the later list changes a registration");
}

absl::Status Publish(World& world, v1::RegistrationKind kind,
                     std::string_view content, std::string& id) {
  client::PublisherClient publisher(*world.publisher,
                                    world.publisher_key->key());
  v1::PrepareVersionRequest request;
  request.set_reason("first registration");
  request.mutable_create()->set_kind(kind);
  request.mutable_create()->set_content_json(std::string(content));
  LIMPID_ASSIGN_OR_RETURN(const auto published, publisher.Publish(request));
  id = published.registration_id();
  return Expect(published.version() == 1, "it is version 1");
}

absl::Status RegisterSystem(World& world) {
  LIMPID_RETURN_IF_ERROR(Publish(
      world, v1::REGISTRATION_KIND_DATASET,
      R"({"fields":{"title":{"state":"given","value":{"en":{"origin":"human","text":"Households, with their consent"}}}}})",
      world.dataset_id));
  // What it trains on, or no read may name it and a snapshot of that.
  LIMPID_RETURN_IF_ERROR(Publish(
      world, v1::REGISTRATION_KIND_SYSTEM,
      absl::StrCat(
          R"({"fields":{"title":{"state":"given","value":{"en":{"origin":"human","text":"Energy allowance adviser"}}},"description":{"state":"given","value":{"en":{"origin":"human","text":"Suggests to households which energy allowance they may apply for. A civil servant decides."}}},"dataset_uses":{"state":"given","value":[{"dataset":")",
          world.dataset_id, R"(","use":"train"}]}}})"),
      world.system_id));
  world.story.Say("the system is " + world.system_id);
  return absl::OkStatus();
}

absl::Status OpenSnapshot(World& world) {
  client::PublisherClient publisher(*world.publisher,
                                    world.publisher_key->key());
  v1::PrepareVersionRequest request;
  request.set_reason("a snapshot to train on");
  request.mutable_add_snapshot()->set_dataset_id(world.dataset_id);
  request.mutable_add_snapshot()->set_name("demo");
  v1::PrepareVersionResponse prepared;
  LIMPID_ASSIGN_OR_RETURN(const auto published,
                          publisher.Publish(request, &prepared));
  world.snapshot_id = prepared.snapshot_id();
  world.story.Say("the snapshot is " + world.snapshot_id);
  return Expect(published.version() == 2 && !world.snapshot_id.empty(),
                "the dataset has a second version with the snapshot");
}

absl::Status CheckOne(World& world) {
  client::RegisterClient reader(*world.anonymous);
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          world.trust.LogPolicy("/register"));
  LIMPID_ASSIGN_OR_RETURN(
      const client::CheckedVersion checked,
      reader.GetChecked(world.system_id, /*version=*/0, policy));
  world.story.Say(absl::StrCat("\"", checked.version.title(), "\" is entry ",
                               checked.version.leaf_index(), " of ",
                               checked.checkpoint.size));
  return Expect(checked.version.title() == "Energy allowance adviser",
                "the verified version has the published title");
}

}  // namespace

absl::Status TellRegister(World& world) {
  Story& story = world.story;
  story.Chapter("The register of algorithms");
  LIMPID_RETURN_IF_ERROR(story.Step(
      "publisher", "The administrator registers a publisher with its keys.",
      [&] { return RegisterPublisher(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "register-import", "The publisher imports " + world.register_source + ".",
      [&] { return Import(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step("register-browse",
                                    "Anyone browses it, without an account.",
                                    [&] { return Browse(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "register-reimport", "The same file is imported again: nothing changes.",
      [&] { return ReImport(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "register-history",
      "A later list is imported; a changed registration has two versions, and "
      "anyone compares them.",
      [&] { return ImportLater(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "register-publish", "The publisher registers a system and a dataset.",
      [&] { return RegisterSystem(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "register-snapshot", "The publisher opens a snapshot of the dataset.",
      [&] { return OpenSnapshot(world); }));
  return story.Step(
      "register-verify",
      "Anyone verifies the system's registration: signature, contents, place "
      "in the log.",
      [&] { return CheckOne(world); });
}

}  // namespace limpid::cli
