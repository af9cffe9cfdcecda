// limpid service key-new and keys, limpid admin service-key: the keys of a
// service from the file to the register log and back.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/copy_view.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/new_file.h"
#include "clients/cli/policies.h"
#include "clients/cpp/admin_client.h"
#include "clients/cpp/governance_client.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/service_key_client.h"
#include "clients/cpp/service_key_file.h"
#include "clients/cpp/trust.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/receipt/service_key.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;
using receipt::ServiceKeyKind;
using receipt::ServiceKeys;

constexpr mode_t kReadable = 0644;

struct NewOptions {
  std::string service;
  std::string file;
  std::string kind;
  std::string signing_key;
};
struct ReadOptions {
  std::string service;
  std::string evidence_key;
  std::string vkey;
};
struct AddOptions {
  std::string service;
  std::string file;
  std::string reason;
};
struct RemoveOptions {
  std::string service;
  std::string key;
  std::string reason;
};
struct OneService {
  std::string service;
};

std::string KindText(ServiceKeyKind kind) {
  switch (kind) {
    case ServiceKeyKind::kSigning:
      return "signing";
    case ServiceKeyKind::kEncryption:
      return "encryption";
    case ServiceKeyKind::kCertificate:
      return "certificate";
  }
  return "";
}

absl::StatusOr<v1::ServicePublicKey> MakeKey(const NewOptions& options) {
  if (options.kind == "signing") {
    const client::PersonKey key = client::PersonKey::Generate();
    LIMPID_ASSIGN_OR_RETURN(
        v1::ServicePublicKey proven,
        client::ProvenSigningKey(options.service, key.key()));
    LIMPID_RETURN_IF_ERROR(CannotWrite(key.WriteNew(options.file)));
    return proven;
  }
  if (options.signing_key.empty()) {
    return WithNext(WrongUsage(absl::InvalidArgumentError(
                        "an encryption key is proved by a signing key")),
                    "give --signing-key FILE, made with --kind signing");
  }
  const auto prover = client::PersonKey::Read(options.signing_key);
  if (!prover.ok()) return StateBroken(prover.status());
  const auto key = crypto::X25519PrivateKey::Generate();
  LIMPID_ASSIGN_OR_RETURN(v1::ServicePublicKey proven,
                          client::ProvenEncryptionKey(
                              options.service, key.PublicKey(), prover->key()));
  LIMPID_RETURN_IF_ERROR(
      CannotWrite(client::WriteNewEncryptionKey(key, options.file)));
  return proven;
}

absl::StatusOr<Report> NewKey(const NewOptions& options, Session& /*session*/) {
  const std::string public_file = options.file + ".pub";
  // Before the private key is made: without the proof that lies beside it,
  // nobody can register it.
  LIMPID_RETURN_IF_ERROR(CheckIsNew(public_file));
  LIMPID_ASSIGN_OR_RETURN(const v1::ServicePublicKey key, MakeKey(options));
  json::Value out = ToJson(key);
  LIMPID_RETURN_IF_ERROR(
      WriteNewTextFile(public_file, json::Pretty(out), kReadable));
  return Report{std::move(out), [options, public_file](Terminal& terminal) {
                  terminal.Facts({{"private key", options.file},
                                  {"public key and proof", public_file}});
                  terminal.Line(
                      "Give the second file to the operator's administrators; "
                      "keep the first to yourself.");
                }};
}

// From the options, or what was pinned with an account.
absl::StatusOr<client::ServiceKeyClient> Reader(const ReadOptions& options,
                                                const Session& session,
                                                client::Connection& server) {
  const auto trust = client::Trust::Read(session.TrustFile());
  const bool given = !options.evidence_key.empty() && !options.vkey.empty();
  if (!given && !trust.ok()) {
    return WithNext(
        WrongUsage(absl::InvalidArgumentError(
            "keys without a trust anchor are not to be believed")),
        "give --evidence-key and --vkey, received from the operator another "
        "way than from this server");
  }
  crypto::Ed25519PublicKey operator_key;
  if (options.evidence_key.empty()) {
    operator_key = trust->evidence_key;
  } else {
    LIMPID_ASSIGN_OR_RETURN(operator_key,
                            ReadEvidenceKey(options.evidence_key));
  }
  auto policy = options.vkey.empty() ? trust->LogPolicy("/register")
                                     : PolicyOfVkey(options.vkey);
  if (!policy.ok()) return policy.status();
  return client::ServiceKeyClient(server, operator_key, *std::move(policy));
}

json::Value KeyJson(const ServiceKeys::Key& key, bool usable) {
  json::Value out = json::Value::Object();
  out.Set("kind", KindText(key.kind));
  out.Set("key", base::Base64UrlEncode(key.bytes));
  out.Set("valid_from", Moment(key.valid_from));
  out.Set("retired", key.retired == absl::InfiniteFuture()
                         ? std::string()
                         : Moment(key.retired));
  out.Set("usable", usable);
  return out;
}

Report ReportOf(const client::CheckedServiceKeys& checked, absl::Time now) {
  json::Value keys = json::Value::Array();
  std::vector<Row> rows;
  for (const ServiceKeys::Key& key : checked.keys.keys()) {
    const bool usable = checked.keys.CheckUsable(key.kind, key.bytes, now).ok();
    keys.Append(KeyJson(key, usable));
    rows.push_back({KindText(key.kind), base::Base64UrlEncode(key.bytes),
                    Moment(key.valid_from),
                    key.retired == absl::InfiniteFuture() ? std::string()
                                                          : Moment(key.retired),
                    usable ? "yes" : "no"});
  }
  json::Value out = json::Value::Object();
  out.Set("verified", true);
  out.Set("keys", std::move(keys));
  out.Set("entries", checked.leaf_indexes.size());
  out.Set("tree_size", checked.checkpoint.size);
  return Report{
      std::move(out), [rows, checked](Terminal& terminal) {
        terminal.Table({"kind", "key", "from", "removed", "in force"}, rows);
        terminal.Line(absl::StrCat(
            checked.leaf_indexes.size(),
            " entries, signed by the operator, without a gap, each in the "
            "register log of size ",
            checked.checkpoint.size, "."));
      }};
}

absl::StatusOr<Report> Keys(const ReadOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  LIMPID_ASSIGN_OR_RETURN(client::ServiceKeyClient reader,
                          Reader(options, session, *connection));
  LIMPID_ASSIGN_OR_RETURN(const client::CheckedServiceKeys checked,
                          reader.Read(options.service));
  return ReportOf(checked, session.clock().Now());
}

// The service as it is, as limits of a change.
absl::StatusOr<v1::ServiceLimits> LimitsOf(client::Connection& connection,
                                           const std::string& service_id) {
  LIMPID_ASSIGN_OR_RETURN(
      const v1::Service service,
      client::AdminClient(connection).FindService(service_id));
  v1::ServiceLimits out;
  *out.mutable_spki_thumbprints() = service.spki_thumbprints();
  *out.mutable_ceiling_purposes() = service.ceiling_purposes();
  *out.mutable_ceiling_attributes() = service.ceiling_attributes();
  *out.mutable_legal_bases() = service.legal_bases();
  *out.mutable_public_keys()->mutable_keys() = service.public_keys();
  return out;
}

absl::StatusOr<Report> Propose(client::Connection& connection,
                               const std::string& service,
                               v1::ServiceLimits limits,
                               const std::string& reason) {
  v1::ProposeServiceChangeRequest request;
  request.set_service_id(service);
  request.set_reason(reason);
  *request.mutable_limits() = std::move(limits);
  client::GovernanceClient governance(connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::ServiceChange change,
                          governance.ProposeServiceChange(request));
  return Report{
      cli::ToJson(change), [change](Terminal& terminal) {
        terminal.Facts(
            {{"change", change.change_id()},
             {"state", ShortName(v1::ServiceChangeState_Name(change.state()),
                                 "SERVICE_CHANGE_STATE_")},
             {"in effect from", Moment(change.effective_time())}});
      }};
}

absl::StatusOr<Report> AddKey(const AddOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file));
  v1::ServicePublicKey key;
  LIMPID_RETURN_IF_ERROR(FromJson(text, key));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(v1::ServiceLimits limits,
                          LimitsOf(*connection, options.service));
  *limits.mutable_public_keys()->add_keys() = key;
  return Propose(*connection, options.service, std::move(limits),
                 options.reason);
}

// An encryption key goes with the signing key that proved it.
bool Goes(const v1::ServicePublicKey& key, const std::string& removed) {
  return key.key() == removed || key.prover() == removed;
}

absl::StatusOr<Report> RemoveKey(const RemoveOptions& options,
                                 Session& session) {
  const auto bytes = base::Base64UrlDecode(options.key);
  if (!bytes.ok()) {
    return WrongUsage(absl::InvalidArgumentError(
        "the key is not base64url, as limpid service keys shows it"));
  }
  const std::string removed = base::ToText(*bytes);
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(v1::ServiceLimits limits,
                          LimitsOf(*connection, options.service));
  auto& keys = *limits.mutable_public_keys()->mutable_keys();
  auto& pins = *limits.mutable_spki_thumbprints();
  const int before = keys.size() + pins.size();
  keys.erase(
      std::remove_if(keys.begin(), keys.end(),
                     [&](const auto& key) { return Goes(key, removed); }),
      keys.end());
  pins.erase(std::remove(pins.begin(), pins.end(), removed), pins.end());
  if (keys.size() + pins.size() == before) {
    return absl::NotFoundError("the service has no such key");
  }
  return Propose(*connection, options.service, std::move(limits),
                 options.reason);
}

absl::StatusOr<Report> ShowKeys(const OneService& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::GovernanceClient governance(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto chain,
                          governance.GetServiceKeys(options.service));
  return Report{
      cli::ToJson(chain), [chain](Terminal& terminal) {
        const int waiting =
            chain.entries_size() - static_cast<int>(chain.logged_count());
        terminal.Facts(
            {{"entries signed", absl::StrCat(chain.entries_size())},
             {"in the register log", absl::StrCat(chain.logged_count())},
             {"waiting", absl::StrCat(waiting)}});
        if (chain.failure() == v1::SERVICE_KEY_FAILURE_UNSPECIFIED) return;
        terminal.Facts(
            {{"because", ShortName(v1::ServiceKeyFailure_Name(chain.failure()),
                                   "SERVICE_KEY_FAILURE_")},
             {"failures in a row", absl::StrCat(chain.failure_count())}});
      }};
}

}  // namespace

void AddServiceKeyCommands(CLI::App& service, Session& session) {
  auto [made, what] = AddCommand<NewOptions>(
      service, session, "key-new",
      "Make a key of yours, and the proof that registers it", NewKey);
  made->add_option("service", what->service, "your svc_... id")
      ->required()
      ->check(OfKind({"svc"}));
  made->add_option("file", what->file, "where the private key goes")
      ->required();
  made->add_option("--kind", what->kind)
      ->required()
      ->check(CLI::IsMember({"signing", "encryption"}));
  made->add_option("--signing-key", what->signing_key,
                   "file of a registered signing key, which proves an "
                   "encryption key");
  auto [keys, whose] = AddCommand<ReadOptions>(
      service, session, "keys",
      "Read the keys of a service from the register log and verify them", Keys);
  keys->add_option("service", whose->service, "svc_... id")
      ->required()
      ->check(OfKind({"svc"}));
  keys->add_option("--evidence-key", whose->evidence_key,
                   "evidence key of the operator, received another way");
  keys->add_option("--vkey", whose->vkey,
                   "verifier key of the register log, received another way");
}

void AddAdminServiceKeyCommands(CLI::App& admin, Session& session) {
  CLI::App* const group = admin.add_subcommand(
      "service-key", "Register and remove keys of services");
  group->require_subcommand(1);
  auto [add, added] = AddCommand<AddOptions>(
      *group, session, "add",
      "Propose a key; another administrator approves the change", AddKey);
  add->add_option("service", added->service)
      ->required()
      ->check(OfKind({"svc"}));
  add->add_option("file", added->file, "public file of limpid service key-new")
      ->required();
  add->add_option("--reason", added->reason)->required();
  auto [remove, removed] = AddCommand<RemoveOptions>(
      *group, session, "remove", "Remove a key at once; it never comes back",
      RemoveKey);
  remove->add_option("service", removed->service)
      ->required()
      ->check(OfKind({"svc"}));
  remove->add_option("key", removed->key, "base64url")->required();
  remove->add_option("--reason", removed->reason)->required();
  auto [show, shown] = AddCommand<OneService>(
      *group, session, "show",
      "Show how much of a service's keys the register has", ShowKeys);
  show->add_option("service", shown->service)
      ->required()
      ->check(OfKind({"svc"}));
}

}  // namespace limpid::cli
