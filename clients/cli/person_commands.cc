// limpid person: accounts, requests, consents, receipts.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/erasing_note.h"
#include "clients/cli/first_contact.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/new_file.h"
#include "clients/cli/person_views.h"
#include "clients/cli/sharing.h"
#include "clients/cpp/delegation_client.h"
#include "clients/cpp/grant_book.h"
#include "clients/cpp/system_use.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct None {};
struct OneId {
  std::string id;
};
// `person` is whom she acts for, empty for herself.
struct ListOptions {
  std::string person;
};
struct WithdrawOptions {
  std::string record;
  std::string person;
};
struct GrantOptions {
  std::string record;
  std::vector<std::string> attributes;
  bool all = false;
  int days = 0;
  std::string language;
  std::string person;
};
struct RefuseOptions {
  std::string record;
  int days = 0;
  std::string person;
};
struct ReceiptOptions {
  std::string id;
  std::string save;
};
struct ExplainOptions {
  std::string record;
  std::string purpose;
  std::vector<std::string> attributes;
};

constexpr std::size_t kEveryAccess = 100'000;
constexpr mode_t kOwnerOnly = 0600;

absl::StatusOr<Report> Init(const VaultPlace& vault, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(client::Trust trust, PinTrust(session, vault));
  auto key = client::PersonKey::Read(session.KeyFile());
  if (absl::IsNotFound(key.status())) {
    key = client::PersonKey::Generate();
    // Before the account: an account whose key is lost cannot be opened.
    LIMPID_RETURN_IF_ERROR(key->WriteNew(session.KeyFile()));
  } else if (!key.ok()) {
    return StateBroken(key.status());
  }
  LIMPID_ASSIGN_OR_RETURN(
      const PersonParts parts,
      OpenPerson(*std::move(key), std::move(trust), session.clock()));
  // Before a new account takes the place of one whose end nobody saw.
  LIMPID_ASSIGN_OR_RETURN(const auto noted, NotedErasing(session));
  if (noted) {
    LIMPID_RETURN_IF_ERROR(ErasureBegan(*parts.consent, session).status());
  }
  LIMPID_ASSIGN_OR_RETURN(const v1::Account account,
                          parts.consent->CreateAccount());
  const std::string home = session.Home().string();
  return Report{ToJson(account), [account, home](Terminal& terminal) {
                  terminal.Line("Your account is ready.");
                  terminal.Facts({{"person", account.person_id()},
                                  {"key", Joined(account.key_ids())},
                                  {"kept in", home}});
                  terminal.Line(
                      "Whoever has that directory can act as you; who loses it "
                      "loses the account. Keep a copy in a safe place.");
                }};
}

absl::StatusOr<Report> WhoAmI(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const v1::Account account,
                          parts.consent->GetAccount());
  const std::string name = parts.trust->operator_name;
  return Report{ToJson(account), [account, name](Terminal& terminal) {
                  terminal.Facts({{"person", account.person_id()},
                                  {"operator", name},
                                  {"key", Joined(account.key_ids())},
                                  {"since", Moment(account.create_time())}});
                }};
}

absl::StatusOr<Report> Bind(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const v1::BindRequestResponse bound,
                          parts.consent->BindRequest(options.id));
  return Report{ToJson(bound), [bound](Terminal& terminal) {
                  ShowRequest(bound.record(), bound.agreement(), terminal);
                }};
}

client::DelegationClient ForOthers(const PersonParts& parts, Session& session) {
  return {*parts.consent_connection, *parts.key, *parts.trust, session.clock()};
}

absl::StatusOr<Report> Requests(const ListOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<v1::Record> records,
      options.person.empty()
          ? parts.consent->ListRequests()
          : ForOthers(parts, session)
                .ListRecords(options.person, /*open_only=*/true));
  return Report{ToJsonArray(records), [records](Terminal& terminal) {
                  ShowRecords(records, terminal);
                }};
}

absl::StatusOr<Report> Records(const ListOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<v1::Record> records,
      options.person.empty()
          ? parts.consent->ListRecords()
          : ForOthers(parts, session)
                .ListRecords(options.person, /*open_only=*/false));
  return Report{ToJsonArray(records), [records](Terminal& terminal) {
                  ShowRecords(records, terminal);
                }};
}

absl::StatusOr<Report> ShowOne(const OneId& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const v1::GetRecordResponse record,
                          parts.consent->GetRecord(options.id));
  return Report{ToJson(record), [record](Terminal& terminal) {
                  ShowRequest(record.record(), record.agreement(), terminal);
                  ShowRevisions(record, terminal);
                }};
}

// A record to grant, her own or a represented person's.
absl::StatusOr<v1::GetRecordResponse> Shown(const GrantOptions& options,
                                            const PersonParts& parts,
                                            Session& session) {
  if (options.person.empty()) return parts.consent->GetRecord(options.record);
  LIMPID_ASSIGN_OR_RETURN(
      const auto shown,
      ForOthers(parts, session).GetRecord(options.person, options.record));
  v1::GetRecordResponse out;
  *out.mutable_record() = shown.record();
  *out.mutable_agreement() = shown.agreement();
  return out;
}

absl::StatusOr<Report> GrantFor(const GrantOptions& options,
                                const client::GrantChoice& choice,
                                const PersonParts& parts, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(
      const client::GrantedFor granted,
      ForOthers(parts, session).Grant(options.person, options.record, choice));
  if (granted.receipt) {
    return ReceiptReport(*granted.receipt, "Granted. The receipt verified.");
  }
  const v1::Record record = granted.record;
  return Report{ToJson(record), [record](Terminal& terminal) {
                  terminal.Line("Signed. Others must sign too.");
                  ShowRecords({record}, terminal);
                }};
}

absl::StatusOr<Report> Grant(const GrantOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  client::GrantChoice choice;
  choice.attributes = options.attributes;
  choice.language = options.language;
  if (options.days > 0) {
    choice.until = session.clock().Now() + absl::Hours(24) * options.days;
  }
  if (options.all) {
    LIMPID_ASSIGN_OR_RETURN(const v1::GetRecordResponse record,
                            Shown(options, parts, session));
    for (const auto& attribute : record.record().asked_attributes()) {
      choice.attributes.push_back(attribute);
    }
    if (choice.attributes.empty()) {
      for (const auto& line : record.agreement().content().lines()) {
        choice.attributes.push_back(line.attribute());
      }
    }
  }
  if (!options.person.empty()) {
    return GrantFor(options, choice, parts, session);
  }
  const client::GrantBook book(session.GrantsDirectory());
  // Kept for copies of sealed values, which no vault means none of.
  const bool keeps = !parts.trust->source_id.empty();
  LIMPID_ASSIGN_OR_RETURN(
      const client::CheckedReceipt receipt,
      parts.consent->Grant(options.record, choice, keeps ? &book : nullptr));
  return WithCopies(
      ReceiptReport(receipt, receipt.sent_before
                                 ? "Granted when you sent it before, though no "
                                   "answer came then. Its receipt verified."
                                 : "Granted. The receipt verified."),
      AfterGrant(options.record, session));
}

absl::StatusOr<Report> Withdraw(const WithdrawOptions& options,
                                Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  if (!options.person.empty()) {
    LIMPID_ASSIGN_OR_RETURN(
        const v1::Record record,
        ForOthers(parts, session).Withdraw(options.person, options.record));
    return Report{ToJson(record), [record](Terminal& terminal) {
                    ShowRecords({record}, terminal);
                  }};
  }
  const auto receipt = parts.consent->Withdraw(options.record);
  // Not there: withdrawn without a receipt, or no record at all. What copies
  // there are must go in the one case, and there are none in the other.
  if (absl::IsNotFound(receipt.status())) {
    LIMPID_RETURN_IF_ERROR(AfterWithdrawal(options.record, session).status());
  }
  LIMPID_RETURN_IF_ERROR(receipt.status());
  return WithCopies(
      ReceiptReport(*receipt,
                    "Withdrawn: from now on nothing is handed out under "
                    "this record. The receipt verified."),
      AfterWithdrawal(options.record, session));
}

absl::StatusOr<Report> Refuse(const RefuseOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  std::optional<absl::Time> not_before;
  if (options.days > 0) {
    not_before = session.clock().Now() + absl::Hours(24) * options.days;
  }
  LIMPID_ASSIGN_OR_RETURN(
      const v1::Record record,
      options.person.empty()
          ? parts.consent->Refuse(options.record, not_before)
          : ForOthers(parts, session)
                .Refuse(options.person, options.record, not_before));
  return Report{ToJson(record), [record](Terminal& terminal) {
                  ShowRecords({record}, terminal);
                }};
}

// Pause and resume.
using Act =
    absl::StatusOr<v1::Record> (client::PersonClient::*)(std::string_view);

std::function<absl::StatusOr<Report>(const OneId&, Session&)> ActCommand(
    Act act) {
  return
      [act](const OneId& options, Session& session) -> absl::StatusOr<Report> {
        LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
        LIMPID_ASSIGN_OR_RETURN(const v1::Record record,
                                (parts.consent.get()->*act)(options.id));
        return Report{ToJson(record), [record](Terminal& terminal) {
                        ShowRecords({record}, terminal);
                      }};
      };
}

absl::StatusOr<Report> Receipt(const ReceiptOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const client::CheckedReceipt receipt,
                          parts.consent->GetReceipt(options.id));
  if (!options.save.empty()) {
    LIMPID_RETURN_IF_ERROR(
        WriteNewTextFile(options.save, receipt.file_json, kOwnerOnly));
  }
  return ReceiptReport(receipt, "The receipt verified.");
}

// Offline: needs the file and what was pinned, no server.
absl::StatusOr<Report> Verify(const OneId& options, Session& session) {
  const auto trust = client::Trust::Read(session.TrustFile());
  if (!trust.ok()) return StateBroken(trust.status());
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.id));
  LIMPID_ASSIGN_OR_RETURN(const auto parsed, receipt::Receipt::Parse(text));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          trust->LogPolicy("/access"));
  LIMPID_ASSIGN_OR_RETURN(
      auto verified,
      receipt::VerifyReceipt(parsed, trust->evidence_key, policy));
  return ReceiptReport({std::move(verified), text},
                       "The receipt verified, without asking any server.");
}

absl::StatusOr<Report> Explain(const ExplainOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  v1::ExplainDecisionRequest request;
  request.set_record_id(options.record);
  request.set_purpose(options.purpose);
  for (const std::string& attribute : options.attributes) {
    request.add_attributes(attribute);
  }
  LIMPID_ASSIGN_OR_RETURN(const auto explained,
                          parts.consent->Explain(request));
  return Report{ToJson(explained), [explained](Terminal& terminal) {
                  ShowExplanation(explained, terminal);
                }};
}

absl::StatusOr<Report> Systems(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto accesses,
                          parts.consent->ListAccesses("", kEveryAccess));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          parts.trust->LogPolicy("/register"));
  client::RegisterClient algorithms(*parts.anonymous);
  LIMPID_ASSIGN_OR_RETURN(const std::vector<client::SystemUse> uses,
                          client::JoinSystemUse(accesses, algorithms, policy));
  return SystemsReport(uses);
}

void AddConsentCommands(CLI::App& group, Session& session) {
  auto [init, vault] = AddCommand<VaultPlace>(
      group, session, "init",
      "Make a key on this device and an account for it; again: check what is "
      "pinned, or name a vault",
      Init);
  init->add_option("--vault", vault->address,
                   "HOST:PORT of the vault, when it has a server of its own");
  init->add_option("--vault-ca", vault->ca_file,
                   "PEM file of the CA that vouches for it; by default --ca");
  AddCommand<None>(group, session, "whoami", "Show your account", WhoAmI);
  auto [requests, open] = AddCommand<ListOptions>(
      group, session, "requests", "Show what waits for your answer", Requests);
  AddFor(*requests, open->person);
  auto [records, all] = AddCommand<ListOptions>(
      group, session, "records", "Show all your consents", Records);
  AddFor(*records, all->person);
  const auto one = [&](const char* name, const char* help, auto run,
                       const char* what) {
    auto [command, options] =
        AddCommand<OneId>(group, session, name, help, run);
    return command->add_option(what, options->id)->required();
  };
  one("bind", "Bring in the code of a request link", Bind, "code");
  one("show", "Show one consent in full", ShowOne, "record")
      ->check(OfKind({"rec"}));
  auto [refuse, refused] = AddCommand<RefuseOptions>(
      group, session, "refuse", "Refuse a request", Refuse);
  refuse->add_option("record", refused->record)
      ->required()
      ->check(OfKind({"rec"}));
  refuse->add_option("--days", refused->days,
                     "days for which the service may not ask the same again");
  AddFor(*refuse, refused->person);
  one("pause", "Pause a consent", ActCommand(&client::PersonClient::Pause),
      "record")
      ->check(OfKind({"rec"}));
  one("resume", "Resume a paused consent",
      ActCommand(&client::PersonClient::Resume), "record")
      ->check(OfKind({"rec"}));
  auto [withdraw, withdrawn] = AddCommand<WithdrawOptions>(
      group, session, "withdraw", "Withdraw a consent", Withdraw);
  withdraw->add_option("record", withdrawn->record)
      ->required()
      ->check(OfKind({"rec"}));
  AddFor(*withdraw, withdrawn->person);
  one("verify", "Verify a receipt file without any server", Verify, "file");
  auto [grant, options] = AddCommand<GrantOptions>(
      group, session, "grant", "Grant all or part of a request", Grant);
  grant->add_option("record", options->record)
      ->required()
      ->check(OfKind({"rec"}));
  grant->add_option("--attribute,-a", options->attributes,
                    "attribute to grant; repeat for more");
  grant->add_flag("--all", options->all, "grant every line")
      ->excludes("--attribute");
  grant->add_option("--days", options->days,
                    "days it is valid; by default as long as asked");
  grant->add_option("--language", options->language,
                    "language of the notice you read");
  AddFor(*grant, options->person);
}

void AddLogEvidenceCommands(CLI::App& group, Session& session) {
  auto [receipt, wanted] = AddCommand<ReceiptOptions>(
      group, session, "receipt", "Get and verify a receipt", Receipt);
  receipt
      ->add_option("id", wanted->id,
                   "access (acc_...), record (rec_...) or receipt (rcp_...)")
      ->required()
      ->check(OfKind({"acc", "rec", "rcp"}));
  receipt->add_option("--save", wanted->save, "write the receipt file here");
  AddCommand<None>(group, session, "systems",
                   "Show for which registered systems your data was released",
                   Systems);
  auto [explain, asked] = AddCommand<ExplainOptions>(
      group, session, "explain", "Show what a read would get now, and why",
      Explain);
  explain->add_option("record", asked->record)
      ->required()
      ->check(OfKind({"rec"}));
  explain->add_option("--purpose", asked->purpose, "DPV IRI")->required();
  explain->add_option("--attribute,-a", asked->attributes)->required();
}

}  // namespace

void AddPersonCommands(CLI::App& app, Session& session) {
  CLI::App* const group = app.add_subcommand(
      "person", "Your account, attributes, consents and accesses");
  group->require_subcommand(1);
  AddConsentCommands(*group, session);
  AddVaultCommands(*group, session);
  AddDeviceCommands(*group, session);
  AddGuardianCommands(*group, session);
  AddShareCommand(*group, session);
  AddVaultErasureCommands(*group, session);
  AddMoveCommands(*group, session);
  AddPortabilityCommands(*group, session);
  AddSourceCommands(*group, session);
  AddRecordActCommands(*group, session);
  AddLogCommands(*group, session);
  AddErasureCommands(*group, session);
  AddAccountErasureCommand(*group, session);
  AddEmbargoCommands(*group, session);
  AddNoticeCommands(*group, session);
  AddTrainingCommands(*group, session);
  AddDecisionNoticeCommands(*group, session);
  AddLogEvidenceCommands(*group, session);
  AddCatalogueCommands(*group, session);
  AddReconsentCommands(*group, session);
  AddPersonDutyCommands(*group, session);
  AddPersonDeliveryCommands(*group, session);
  AddDelegationCommands(*group, session);
  AddStandingCommands(*group, session);
}

}  // namespace limpid::cli
