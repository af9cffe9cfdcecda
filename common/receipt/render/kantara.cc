// Kantara Consent Receipt 1.1: a receipt of a consent that is in force.

#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/receipt/render/render.h"

namespace limpid::receipt {
namespace {

using json::Value;

constexpr std::array kDropped = {
    "the state: this format has none, so that only a consent in force is "
    "rendered; ask again before relying on it",
    "forms, derivations and necessity of the attributes",
    "the hash of the notice and of the agreement: they stand in limpidReceipt",
};

Value Texts(const std::vector<std::string>& texts) {
  Value out = Value::Array();
  for (const std::string& text : texts) out.Append(text);
  return out;
}

Value PurposeOf(const RenderSource& source, const std::string& iri,
                bool primary) {
  Value data = Value::Array();
  for (const SourceLine& line : source.lines) data.Append(line.attribute);
  Value category = Value::Array();
  category.Append(iri);
  Value out = Value::Object();
  out.Set("purpose", source.title)
      .Set("purposeCategory", std::move(category))
      .Set("consentType", "EXPLICIT")
      .Set("piiCategory", std::move(data))
      .Set("primaryPurpose", primary)
      .Set("termination",
           absl::StrCat(base::TimeText(source.facts.until), ", data kept for ",
                        source.retention_days, " days"))
      .Set("thirdPartyDisclosure", !source.recipients.empty());
  if (!source.recipients.empty()) {
    out.Set("thirdPartyName", absl::StrJoin(source.recipients, "; "));
  }
  return out;
}

Value ControllerOf(const Controller& of) {
  Value address = Value::Object();
  address.Set("addressCountry", of.jurisdiction);
  if (!of.postal_address.empty()) {
    address.Set("streetAddress", of.postal_address);
  }
  Value out = Value::Object();
  out.Set("piiController", of.name)
      .Set("contact", of.contact)
      .Set("address", std::move(address))
      .Set("email", of.email)
      .Set("phone", of.phone);
  if (!of.url.empty()) out.Set("piiControllerUrl", of.url);
  return out;
}

Value SensitiveOf(const RenderSource& source) {
  Value out = Value::Array();
  for (const SourceLine& line : source.lines) {
    if (line.sensitive) out.Append(line.attribute);
  }
  return out;
}

Value ServicesOf(const RenderSource& source) {
  Value purposes = Value::Array();
  for (const std::string& iri : source.purposes) {
    purposes.Append(PurposeOf(source, iri, purposes.size() == 0));
  }
  Value out = Value::Array();
  out.Append(Value::Object(
      {{"purposes", std::move(purposes)}, {"service", Value(source.title)}}));
  return out;
}

}  // namespace

absl::StatusOr<std::string> RenderKantara(const RenderSource& source) {
  if (!source.active()) {
    return absl::FailedPreconditionError(
        "Kantara 1.1 has no state: a consent that is not in force is not "
        "rendered, it would look given");
  }
  const RenderFacts& facts = source.facts;
  Value controllers = Value::Array();
  controllers.Append(ControllerOf(facts.controller));
  Value spi = SensitiveOf(source);
  Value out = Value::Object();
  out.Set("version", "KI-CR-v1.1.0")
      .Set("jurisdiction", facts.controller.jurisdiction)
      .Set("consentTimestamp", absl::ToUnixSeconds(facts.receipt.body.time))
      .Set("collectionMethod", "signed statement of the person")
      .Set("consentReceiptID", facts.receipt.body.id)
      .Set("language", facts.language)
      .Set("piiPrincipalId", facts.principal)
      .Set("piiControllers", std::move(controllers))
      .Set("policyUrl", facts.notice_url)
      .Set("services", ServicesOf(source))
      .Set("sensitive", spi.size() != 0)
      .Set("spiCat", std::move(spi))
      .Set("limpidAsOf", base::TimeText(facts.as_of))
      .Set("limpidDropped", Texts({kDropped.begin(), kDropped.end()}))
      .Set("limpidReceipt", facts.receipt_file);
  return json::Canonical(out);
}

}  // namespace limpid::receipt
