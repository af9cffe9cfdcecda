#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/agreement_text.h"
#include "clients/cpp/person_client.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

absl::StatusOr<receipt::Form> FormOf(v1::Form form) {
  switch (form) {
    case v1::FORM_FULL:
      return receipt::Form::kFull;
    case v1::FORM_DERIVED:
      return receipt::Form::kDerived;
    case v1::FORM_PSEUDONYMOUS:
      return receipt::Form::kPseudonymous;
    case v1::FORM_AGGREGATE:
      return receipt::Form::kAggregate;
    case v1::FORM_ATTESTED:
      return receipt::Form::kAttested;
    case v1::FORM_UNSPECIFIED:
    case v1::Form_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Form_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return absl::DataLossError(
      "the agreement has a form this client cannot read");
}

absl::StatusOr<receipt::PermitLine> LineOf(const v1::AgreementLine& line) {
  receipt::PermitLine out;
  out.attribute = line.attribute();
  LIMPID_ASSIGN_OR_RETURN(out.form, FormOf(line.form()));
  if (!receipt::HasDerivation(out.form)) return out;
  out.derivation =
      absl::StrCat(line.derivation().name(), "/", line.derivation().version());
  LIMPID_ASSIGN_OR_RETURN(
      const json::Value parameters,
      json::ParseStrict(line.derivation().parameters_json()));
  out.parameters = json::Canonical(parameters);
  return out;
}

bool Chosen(const GrantChoice& choice, const std::string& attribute) {
  return std::find(choice.attributes.begin(), choice.attributes.end(),
                   attribute) != choice.attributes.end();
}

absl::StatusOr<std::vector<receipt::PermitLine>> ChosenLines(
    const v1::AgreementContent& content, const GrantChoice& choice) {
  std::vector<receipt::PermitLine> lines;
  for (const v1::AgreementLine& line : content.lines()) {
    if (Chosen(choice, line.attribute())) {
      LIMPID_ASSIGN_OR_RETURN(receipt::PermitLine chosen, LineOf(line));
      lines.push_back(std::move(chosen));
    } else if (line.necessity() == v1::NECESSITY_REQUIRED) {
      return absl::InvalidArgumentError(absl::StrCat(
          line.attribute(),
          " is required: grant it too, or refuse the whole request"));
    }
  }
  if (lines.empty() || lines.size() != choice.attributes.size()) {
    return absl::InvalidArgumentError(
        "the choice is empty, repeats an attribute or names one that the "
        "agreement does not ask for");
  }
  return lines;
}

absl::StatusOr<base::Digest32> NoticeHash(const v1::AgreementContent& content,
                                          std::string_view language) {
  for (const v1::Notice& notice : content.notices()) {
    if (!language.empty() && notice.language() != language) continue;
    const base::Digest32 hash = crypto::Sha256(base::AsBytes(notice.text()));
    if (base::AsText(hash) != notice.hash()) {
      return absl::DataLossError("the notice is not the one its hash names");
    }
    return hash;
  }
  return absl::InvalidArgumentError("the agreement has no notice in " +
                                    std::string(language));
}

absl::Status Bind(const v1::GetRecordResponse& shown,
                  receipt::Statement& statement) {
  const v1::Record& record = shown.record();
  LIMPID_ASSIGN_OR_RETURN(
      statement.agreement_hash,
      base::ToArray<32>(base::AsBytes(shown.agreement().hash())));
  LIMPID_ASSIGN_OR_RETURN(
      statement.predecessor,
      base::ToArray<32>(base::AsBytes(record.revision_hash())));
  statement.agreement = record.agreement_id();
  statement.record = record.record_id();
  statement.revision = record.revision() + 1;
  statement.service = record.service().service_id();
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAgreement(const v1::Agreement& agreement) {
  const base::Digest32 hash =
      crypto::Sha256(base::AsBytes(agreement.canonical_json()));
  if (base::AsText(hash) != agreement.hash()) {
    return absl::DataLossError("the agreement is not the one its hash names");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string text, AgreementText(agreement));
  if (text == agreement.canonical_json()) return absl::OkStatus();
  return absl::DataLossError(
      "what is shown of the agreement is not what its hash covers, or this "
      "client is too old to show all of it");
}

absl::StatusOr<receipt::Statement> BuildStatement(
    const v1::GetRecordResponse& shown, const GrantChoice& choice,
    std::string_view operator_name, const base::ByteArray<32>& grant_key,
    const base::ByteArray<32>& nonce, absl::Time now) {
  LIMPID_RETURN_IF_ERROR(CheckAgreement(shown.agreement()));
  LIMPID_RETURN_IF_ERROR(CheckBelongs(shown.agreement(), shown.record()));
  const v1::AgreementContent& content = shown.agreement().content();
  receipt::Statement statement;
  LIMPID_RETURN_IF_ERROR(Bind(shown, statement));
  LIMPID_ASSIGN_OR_RETURN(statement.lines, ChosenLines(content, choice));
  LIMPID_ASSIGN_OR_RETURN(statement.notice_hash,
                          NoticeHash(content, choice.language));
  const absl::Time longest = now + absl::Hours(24) * content.validity_days();
  // Statements have milliseconds.
  const auto cut = [](absl::Time time) {
    return absl::FromUnixMillis(absl::ToUnixMillis(time));
  };
  statement.time = cut(now);
  statement.from = statement.time;
  statement.until = cut(std::min(choice.until.value_or(longest), longest));
  statement.grant_key = grant_key;
  statement.nonce = nonce;
  statement.operator_name = operator_name;
  return statement;
}

}  // namespace limpid::client
