// ISO/IEC TS 27560:2023 by the terms of the W3C DPV guide to it.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/receipt/permit.h"
#include "common/receipt/render/render.h"

namespace limpid::receipt {
namespace {

using json::Value;

constexpr std::string_view kProfiles = "https://w3id.org/dpv/schema/dpv-27560#";
constexpr std::array kDropped = {
    "limpid:receipt proves the event it names; dpv:hasConsentStatus is the "
    "operator's word at limpid:asOf",
    "DPV has no status for PAUSED, LAPSED, EXHAUSTED, SUPERSEDED and "
    "TERMINATED: read limpid:state",
    "lines of the agreement that the person did not choose",
    "limits on the number of uses",
};
// GDPR Art. 15 to 18, 20 and 77 hold on every basis; 7(3) is withdrawal.
constexpr std::array<std::string_view, 7> kGdprRights = {
    "A7-3", "A15", "A16", "A17", "A18", "A20", "A77"};

Value Reference(std::string_view iri) {
  return Value::Object({{"@id", Value(iri)}});
}

Value One(Value value) {
  Value out = Value::Array();
  out.Append(std::move(value));
  return out;
}

Value Context(bool eu_gdpr) {
  Value out = Value::Object({{"dct", Value("http://purl.org/dc/terms/")},
                             {"dpv", Value("https://w3id.org/dpv#")},
                             {"limpid", Value("urn:limpid:terms:")}});
  if (eu_gdpr) out.Set("eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#");
  return out;
}

Value Party(const RenderSource& source) {
  const Controller& of = source.facts.controller;
  return Value::Object(
      {{"@type", Value("dpv:DataController")},
       {"dct:identifier", Value(source.facts.receipt.body.service)},
       {"dpv:hasAddress", Value(of.postal_address)},
       {"dpv:hasContact", Value(of.contact)},
       {"dpv:hasName", Value(of.name)},
       {"limpid:email", Value(of.email)},
       {"limpid:phone", Value(of.phone)},
       {"limpid:url", Value(of.url)}});
}

Value Item(const SourceLine& line) {
  Value out = Value::Object(
      {{"@type", Value(line.form == "pseudonymous" ? "dpv:PseudonymisedData"
                                                   : "dpv:PersonalData")},
       {"dct:identifier", Value(line.attribute)},
       {"dpv:hasNecessity",
        Reference(line.required ? "dpv:Required" : "dpv:Optional")},
       {"limpid:form", Value(line.form)},
       {"limpid:sensitive", Value(line.sensitive)}});
  if (!line.derivation.empty()) {
    out.Set("limpid:derivation", line.derivation);
    out.Set("limpid:parameters", line.parameters);
  }
  if (line.form == FormName(Form::kAttested)) {
    out.Set("limpid:formMeaning", kAttestedMeaning);
  }
  return out;
}

Value Storage(const RenderSource& source) {
  const std::string days = absl::StrCat("P", source.retention_days, "D");
  Value out = Value::Array();
  out.Append(
      Value::Object({{"@type", Value("dpv:StorageLocation")},
                     {"dpv:hasLocation", Value(source.storage_location)}}));
  out.Append(Value::Object({{"@type", Value("dpv:StorageDuration")},
                            {"dpv:hasDuration", Value(days)}}));
  out.Append(Value::Object({{"@type", Value("dpv:StorageDeletion")},
                            {"dpv:hasDuration", Value(days)}}));
  return out;
}

// The consent itself, with its event.
Value Consent(const RenderSource& source, bool eu_gdpr) {
  const RenderFacts& facts = source.facts;
  Value types = Value::Array();
  types.Append("dpv:ExpressedConsent");
  if (eu_gdpr) types.Append("eu-gdpr:A6-1-a");
  return Value::Object(
      {{"@type", std::move(types)},
       {"dpv:hasConsentStatus",
        Reference(absl::StrCat("dpv:", base::ToAbsl(source.state.dpv_status)))},
       {"dpv:hasDuration", Value(absl::StrCat(base::TimeText(facts.from), "/",
                                              base::TimeText(facts.until)))},
       {"dpv:isIndicatedAtTime", Value(base::TimeText(facts.state_time))},
       {"dpv:isIndicatedBy", Value(facts.principal)},
       {"limpid:final", Value(source.state.final)},
       {"limpid:state", Value(source.state.name)}});
}

Value Rights(bool eu_gdpr) {
  if (!eu_gdpr) return One(Reference("dpv:DataSubjectRight"));
  Value out = Value::Array();
  for (const std::string_view right : kGdprRights) {
    out.Append(Reference(absl::StrCat("eu-gdpr:", base::ToAbsl(right))));
  }
  return out;
}

Value References(const std::vector<std::string>& iris) {
  Value out = Value::Array();
  for (const std::string& iri : iris) out.Append(Reference(iri));
  return out;
}

Value Process(const RenderSource& source, bool eu_gdpr) {
  const RenderFacts& facts = source.facts;
  Value data = Value::Array();
  for (const SourceLine& line : source.lines) data.Append(Item(line));
  Value recipients = Value::Array();
  for (const std::string& name : source.recipients) {
    recipients.Append(Value::Object(
        {{"@type", Value("dpv:Recipient")}, {"dpv:hasName", Value(name)}}));
  }
  // Whoever controls receives, when the agreement names nobody else.
  if (recipients.size() == 0) recipients.Append(Party(source));
  Value out = Value::Object({{"@type", Value("dpv:Process")}});
  out.Set("dct:identifier", absl::StrCat(facts.receipt.body.agreement, "/",
                                         source.agreement_version))
      .Set("dct:title", source.title)
      .Set("dpv:hasPurpose", References(source.purposes))
      .Set("dpv:hasPersonalData", std::move(data))
      .Set("dpv:hasProcessing", References(source.operations))
      .Set("dpv:hasStorageCondition", Storage(source))
      .Set("dpv:hasDataController", One(Party(source)))
      .Set("dpv:hasRecipient", std::move(recipients))
      .Set("dpv:hasLegalBasis", One(Consent(source, eu_gdpr)))
      .Set("dpv:hasConsentControl",
           One(Value::Object({{"@type", Value("dpv:WithdrawConsent")},
                              {"@id", Value(facts.withdrawal_url)}})))
      .Set("dpv:hasJurisdiction", One(Value(facts.controller.jurisdiction)))
      .Set("dpv:hasRight", Rights(eu_gdpr));
  return out;
}

Value ProfileReference(std::string_view name) {
  return Reference(absl::StrCat(base::ToAbsl(kProfiles), base::ToAbsl(name)));
}

Value Record(const RenderSource& source, bool eu_gdpr) {
  const RenderFacts& facts = source.facts;
  const ReceiptBody& body = facts.receipt.body;
  Value out = Value::Object();
  out.Set("@id", absl::StrCat("urn:limpid:record:", body.record))
      .Set("@type", "dpv:ConsentRecord")
      .Set("dct:conformsTo",
           ProfileReference(eu_gdpr ? "record-eu-gdpr" : "record"))
      .Set("dct:identifier", body.record)
      .Set("dct:language", One(Value(facts.language)))
      .Set("dpv:hasDataSubject",
           Value::Object({{"@type", Value("dpv:DataSubject")},
                          {"dct:identifier", Value(facts.principal)}}))
      .Set("dpv:hasNotice",
           One(Value::Object({{"@id", Value(facts.notice_url)},
                              {"@type", Value("dpv:ConsentNotice")},
                              {"limpid:sha256", Value(base::Base64UrlEncode(
                                                    body.notice_hash))}})))
      .Set("dpv:hasProcess", One(Process(source, eu_gdpr)))
      .Set("limpid:asOf", base::TimeText(facts.as_of));
  return out;
}

void Close(const RenderSource& source, bool eu_gdpr, Value& out) {
  Value dropped = Value::Array();
  for (const char* const line : kDropped) dropped.Append(line);
  out.Set("@context", Context(eu_gdpr))
      .Set("limpid:dropped", std::move(dropped))
      .Set("limpid:receipt", source.facts.receipt_file);
}

}  // namespace

std::string RenderDpv(const RenderSource& source, DpvProfile profile) {
  const bool eu_gdpr = profile == DpvProfile::kRecordEuGdpr ||
                       profile == DpvProfile::kReceiptEuGdpr;
  Value record = Record(source, eu_gdpr);
  if (profile == DpvProfile::kRecord || profile == DpvProfile::kRecordEuGdpr) {
    Close(source, eu_gdpr, record);
    return json::Canonical(record);
  }
  const ReceiptBody& body = source.facts.receipt.body;
  Value out = Value::Object();
  out.Set("@id", absl::StrCat("urn:limpid:receipt:", body.id))
      .Set("@type", "dpv:ConsentReceipt")
      .Set("dct:conformsTo",
           ProfileReference(eu_gdpr ? "receipt-eu-gdpr" : "receipt"))
      .Set("dct:created", base::TimeText(body.time))
      .Set("dpv:hasIdentifier", body.id)
      .Set("dpv:hasRecordOfActivity", One(std::move(record)));
  Close(source, eu_gdpr, out);
  return json::Canonical(out);
}

}  // namespace limpid::receipt
