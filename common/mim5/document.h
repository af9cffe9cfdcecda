// The documents that answer the three questions of OASC MIM5, as a register or
// a vendor serves them: how they are named, read and checked. Knows what a
// document says, not whether it is true.
// docs/formats/mim5.md

#ifndef LIMPID_COMMON_MIM5_DOCUMENT_H_
#define LIMPID_COMMON_MIM5_DOCUMENT_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/json/value.h"

namespace limpid::mim5 {

// Largest document of others that is read: a thousand certifications with their
// scopes in three languages.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{4} << 20U;
// Entries of one list.
inline constexpr std::size_t kMaxListed = 1'000;

enum class Document { kIndex, kAdm, kAlgorithms, kCertifications };
// The answers, in the order of the questions.
inline constexpr auto kAnswers = std::to_array<Document>(
    {Document::kAdm, Document::kAlgorithms, Document::kCertifications});

// "adm": in rules and messages. "adm.json": beside its index. The member of an
// index that leads to it. "limpid-mim5-adm/1": the member "schema".
std::string_view NameOf(Document document);
std::string FileOf(Document document);
std::string_view IndexMemberOf(Document document);
std::string SchemaNameOf(Document document);
// The JSON Schema of the document.
std::string_view SchemaTextOf(Document document);

// Reads a document of others: at most kMaxDocumentBytes of strict JSON, not
// deep, valid against its schema.
//
// Errors:
//   kInvalidArgument    "line L column C: reason", or "<JSON pointer>: reason".
//   kResourceExhausted  over a limit.
absl::StatusOr<json::Value> ReadDocument(Document document,
                                         std::string_view text);

// Checks a document against its schema, list by list so that a long one is
// explained too.
//
// Errors:
//   kInvalidArgument  "<JSON pointer>: reason".
absl::Status CheckDocument(Document document, const json::Value& value);

// "sha256:..." of the canonical form, as an index names it.
std::string DigestOf(const json::Value& document);

// The last day of "2026", "2026-04" or "2026-04-07"; none of anything else.
std::optional<absl::CivilDay> LastDayOf(std::string_view date);

// The index over three answers, which lie beside it.
json::Value MakeIndex(const json::Value& adm, const json::Value& algorithms,
                      const json::Value& certifications);

}  // namespace limpid::mim5

#endif  // LIMPID_COMMON_MIM5_DOCUMENT_H_
