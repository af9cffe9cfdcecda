// A request as a device is shown it, for tests of what it signs.

#ifndef LIMPID_TESTS_UNIT_CLIENTS_SHOWN_REQUEST_H_
#define LIMPID_TESTS_UNIT_CLIENTS_SHOWN_REQUEST_H_

#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "limpid/consent/v1/person_consent_service.pb.h"

namespace limpid::client {

// The agreement of Shown, written by hand from the format page; the notice is
// there by its SHA-256.
inline constexpr std::string_view kShownText =
    R"({"agreement":"agr_1","ai_training":false,"legal_basis":"consent",)"
    R"("lines":[{"attribute":"person.name","derivation":"","form":"full",)"
    R"("necessity":"optional","operations":[],"parameters":""},)"
    R"({"attribute":"person.birth_date","derivation":"over_n/1",)"
    R"("form":"derived","necessity":"required",)"
    R"("operations":["https://w3id.org/dpv#Use"],)"
    R"("parameters":"{\"n\":18}","source":"src_1"}],)"
    R"("notices":[{"hash":"k2in0h4Bj2SuMyfS8lzU12k7LYUyjku2gLz8vUwmuQ4",)"
    R"("language":"en"}],)"
    R"("purposes":["https://w3id.org/dpv#ServiceProvision"],)"
    R"("recipients":["Printer"],"retention_days":30,"service":"svc_1",)"
    R"("storage_location":"NL","systems":["sys_1"],)"
    R"("titles":[{"language":"en","text":"Tickets"}],"use_count_max":0,)"
    R"("validity_days":10,"version":1})";

// Makes `text` what the agreement's hash covers.
inline void SetText(consent::v1::GetRecordResponse& shown,
                    std::string_view text) {
  consent::v1::Agreement& agreement = *shown.mutable_agreement();
  agreement.set_canonical_json(std::string(text));
  agreement.set_hash(base::ToText(crypto::Sha256(base::AsBytes(text))));
  shown.mutable_record()->set_agreement_hash(agreement.hash());
}

// A request for a name (optional) and an age (required).
inline consent::v1::GetRecordResponse Shown() {
  consent::v1::GetRecordResponse shown;
  auto& record = *shown.mutable_record();
  record.set_record_id("rec_1");
  record.set_agreement_id("agr_1");
  record.set_agreement_version(1);
  record.set_revision(1);
  record.set_revision_hash(std::string(32, '\x07'));
  record.mutable_service()->set_service_id("svc_1");
  auto& agreement = *shown.mutable_agreement();
  agreement.set_agreement_id("agr_1");
  agreement.set_version(1);
  agreement.set_service_id("svc_1");
  auto& content = *agreement.mutable_content();
  content.set_validity_days(10);
  content.set_legal_basis(consent::v1::LEGAL_BASIS_CONSENT);
  content.set_retention_days(30);
  content.set_storage_location("NL");
  content.add_purposes("https://w3id.org/dpv#ServiceProvision");
  content.add_recipients("Printer");
  content.add_system_ids("sys_1");
  auto* const title = content.add_titles();
  title->set_language("en");
  title->set_text("Tickets");
  auto* line = content.add_lines();
  line->set_attribute("person.name");
  line->set_necessity(consent::v1::NECESSITY_OPTIONAL);
  line->set_form(consent::v1::FORM_FULL);
  line = content.add_lines();
  line->set_attribute("person.birth_date");
  line->set_necessity(consent::v1::NECESSITY_REQUIRED);
  line->set_form(consent::v1::FORM_DERIVED);
  line->mutable_derivation()->set_name("over_n");
  line->mutable_derivation()->set_version(1);
  line->mutable_derivation()->set_parameters_json(R"({"n":18})");
  line->add_operations("https://w3id.org/dpv#Use");
  line->set_source_id("src_1");
  auto* const notice = content.add_notices();
  notice->set_language("en");
  notice->set_text("notice");
  notice->set_hash(
      base::ToText(crypto::Sha256(base::AsBytes(std::string_view("notice")))));
  SetText(shown, kShownText);
  return shown;
}

}  // namespace limpid::client

#endif  // LIMPID_TESTS_UNIT_CLIENTS_SHOWN_REQUEST_H_
