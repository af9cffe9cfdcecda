#include "clients/cpp/entry_check.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/cpp/wire_time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/receipt/access_entry.h"
#include "common/tlog/leaf.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

// Empty for none.
std::string IdText(std::string_view prefix, const base::ByteArray<16>& id) {
  if (id == base::ByteArray<16>{}) return "";
  return base::FormatIdText(prefix, id);
}

// The numbers of kinds, forms, reasons and outcomes are the same on both sides.
void ShowLines(const receipt::AccessEntry& entry, v1::AccessEntry& out) {
  for (const receipt::AccessLine& line : entry.lines) {
    v1::AttributeDecision& decision = *out.add_decisions();
    decision.set_attribute(line.attribute);
    decision.set_allowed(line.reason == receipt::Reason::kReleased);
    decision.set_form(static_cast<v1::Form>(line.form));
    decision.set_reason(static_cast<v1::Reason>(line.reason));
  }
  for (const receipt::Completion& one : entry.completions) {
    v1::AccessCompletion& completion = *out.add_completions();
    completion.set_sequence(one.sequence);
    completion.set_outcome(static_cast<v1::AccessOutcome>(one.outcome));
  }
}

// What a server shows of the content.
v1::AccessEntry ShownOf(const receipt::AccessEntry& entry) {
  v1::AccessEntry out;
  out.set_access_id(IdText("acc", entry.access));
  out.set_sequence(entry.sequence);
  *out.mutable_time() = ToWire(entry.time);
  out.set_service_id(IdText("svc", entry.service));
  out.set_purpose(entry.purpose);
  out.set_record_id(IdText("rec", entry.record));
  if (entry.kind == receipt::AccessKind::kDenialsCounted) {
    out.set_denial_count(entry.revision);
  } else if (entry.kind == receipt::AccessKind::kEntryErased) {
    out.set_erased_sequence(entry.revision);
  } else {
    out.set_record_revision(entry.revision);
  }
  if (entry.system != base::ByteArray<16>{}) {
    out.mutable_training()->set_system_id(IdText("sys", entry.system));
    out.mutable_training()->set_snapshot_id(
        base::FormatIdText("snp", entry.snapshot));
  }
  out.set_kind(static_cast<v1::AccessKind>(entry.kind));
  out.set_previous_commitment(base::ToText(entry.previous));
  ShowLines(entry, out);
  return out;
}

// What ShownOf can say anything about.
v1::AccessEntry Comparable(const v1::AccessEntry& entry) {
  v1::AccessEntry out = entry;
  out.DiscardUnknownFields();
  out.clear_stage();
  out.clear_leaf();
  out.clear_organisation();
  out.clear_outcome();
  out.clear_opening();
  out.clear_content();
  return out;
}

}  // namespace

bool ShowsEntry(const v1::AccessEntry& shown,
                const receipt::AccessEntry& said) {
  return Comparable(shown).SerializeAsString() ==
         ShownOf(said).SerializeAsString();
}

EntryTruth CheckEntry(const v1::AccessEntry& entry) {
  const auto opening = base::ToArray<32>(base::AsBytes(entry.opening()));
  if (entry.content().empty() || !opening.ok()) return EntryTruth::kUnchecked;
  const base::ByteView content = base::AsBytes(entry.content());
  const base::Bytes leaf = tlog::CommitmentLeaf(
      tlog::LeafKind::kAccess, receipt::CommitAccessEntry(*opening, content));
  if (base::ToText(leaf) != entry.leaf()) return EntryTruth::kAltered;
  const auto said = receipt::AccessEntry::Decode(content);
  if (!said.ok()) return EntryTruth::kUnchecked;
  return ShowsEntry(entry, *said) ? EntryTruth::kTrue : EntryTruth::kAltered;
}

}  // namespace limpid::client
