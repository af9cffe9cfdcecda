// Shapes of other registers and standards, as tables: which place in their file
// is which field of ours. Reading and writing them is done once, in row.h and
// export.h, for all of them. A new profile is a file of profiles/ and a line in
// profile.cc.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILE_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILE_H_

#include <span>
#include <string>
#include <string_view>

#include "algoregister/registration/ids.h"

namespace limpid::algoregister {

// How a file of the profile is laid out.
enum class Layout {
  // JSON: an object with the list `list_member`, the list itself, or one row
  // alone. Export writes the object, or the list when `list_member` is empty.
  kJsonList,
  // RFC 4180 with a header line, in any order of columns, with or without a
  // byte-order mark.
  kCsv,
  // JSON: one document is one row, a list of documents several. `foreign` of
  // its columns are places, see document.h; of the members of kRecords they are
  // places in the record when they begin with '/'. A kDocument column at the
  // place "" keeps what no other column takes (RestOf), and what a column that
  // is not required could not read. Export writes the document, or a list when
  // there are several.
  kDocument,
};

enum class ColumnType {
  // A text in the column's language, or the profile's.
  kText,
  // HTML in that language: sanitised to the six tags of rich_text.h.
  kRichText,
  // A text that is the same in every language.
  kPlain,
  // Also yyyy-mm, day first and time of day, which are turned round or cut.
  kDate,
  kUrl,
  // One of the pairs of the row.
  kCode,
  // Several: a JSON list, a list in Python's notation, or joined by
  // `separator`. Flat files get it joined, or as a JSON list where an element
  // has the separator in it.
  kCodes,
  // The same without codes.
  kPlains,
  // A JSON number, or text that reads as one.
  kNumber,
  // SHA-256, bare or after "sha256:"; export writes the bare digits.
  kDigest,
  // The row's id in its register: becomes an alias. Where there is none, export
  // writes `codes[0].foreign` and our id, if there is such a code.
  kForeignId,
  // The exact name of an organisation, registered when it is new.
  kOrganisationName,
  // A list of objects, whose members `members` names: becomes kRecords.
  kRecords,
  // One member (`member`) of the records of a kRecords field, read as that
  // member's type: how flat files spell what is a list with us. A separated
  // list
  // makes several records, the n-th of one column with the n-th of another; a
  // language map is never taken apart at separators.
  kRecordMember,
  // Kept as it is: kDocument of the field table.
  kDocument,
  // Not kept: what the file must say there, or may leave out; export writes
  // `codes[0].foreign`. Anything else is reported and left out. In documents it
  // may also be an object that says less than codes[0], and anything else stays
  // in the rest, if the profile keeps one, and is what export writes.
  kConstant,
  // Of documents. Not kept: what a document must say of itself and no field of
  // ours does. Export writes codes[0].foreign there, a text or a list
  // of one in JSON, with "{time}" (when the version was drafted: RFC 3339, UTC,
  // whole seconds) or "{publisher}" at its end put in, unless the document came
  // from elsewhere and says anything
  // of the kind itself; import passes over all of them in a document that an
  // export made (made.h), and keeps them in the rest otherwise.
  kMade,
  // Not kept: the language that the row is in. `codes` say which BCP 47 a word
  // means, or, with none, that such rows are another profile's and are
  // rejected. Texts of columns without a language of their own are filed under
  // it; the first such column that says one counts. A word that no code has is
  // reported, and the row read in the profile's language. Export writes one
  // row, in the profile's language if the title has it.
  kLanguage,
};

// A foreign code and ours; ours is empty where theirs means "not known" (or is
// written when nothing is). The first pair of one of ours is what export
// writes.
struct CodePair {
  std::string_view foreign;
  std::string_view ours;
};

// One member of the objects of a kRecords column.
struct MemberColumn {
  // Of documents also empty: what the record has beyond the members named, as
  // the text of canonical JSON.
  std::string_view foreign;
  // Member of our record.
  std::string_view member;
  ColumnType type = ColumnType::kPlain;
  std::span<const CodePair> codes = {};
  // As Column::otherwise: a member of the same record, a kPlain.
  std::string_view otherwise = {};
  // Not written, and reported, where the record has this member of ours: their
  // schema takes one of the two.
  std::string_view unless = {};
  // Of documents: JSON object whose members stand beside this one.
  std::string_view companion = {};
};

struct Column {
  // Member of their row, header of their column, or place in their document.
  // Where a flat file has a header again, "Header#2" is its second column.
  std::string_view foreign;
  // Field of ours; empty for kForeignId, kConstant and kMade.
  std::string_view field;
  ColumnType type;
  // A row without it is rejected.
  bool required = false;
  std::span<const CodePair> codes = {};
  // BCP 47, where it is not the profile's.
  std::string_view language = {};
  // Of kCodes, kPlains and kRecordMember; empty where texts are never taken
  // apart.
  std::string_view separator = ";";
  // Of kRecords.
  std::span<const MemberColumn> members = {};
  // Of kRecordMember. Of kPlains in documents: the list is one of objects, and
  // this only member of each is the text.
  std::string_view member = {};
  // Of kDocument layouts: JSON object whose members stand beside the value in
  // its parent, such as {"type":"Property"}; of kRecords in each record.
  std::string_view companion = {};
  // Of kPlains in documents: the place takes one text. Several are written as
  // lines of it, which is reported.
  bool single = false;
  // Absent in most files of the profile: import leaves the field as it is when
  // the member is absent and takes it out when it is there and empty, and
  // export leaves it out when there is nothing to say. Without `optional` both
  // record the field as missing.
  bool optional = false;
  // Field of ours, a kPlain, kPlains or kText, for what the file says there
  // when it is not of the column's type: a sentence where an address belongs,
  // words that are no code. The column's own field is then missing, and export
  // writes the text back. Without it what is said there is left out, and a row
  // that requires it rejected.
  std::string_view otherwise = {};
  // Field of ours, a kText, where imports of earlier releases kept the words
  // that `otherwise`, a kText too, keeps now: where it says the same words they
  // are moved.
  std::string_view formerly = {};
  // Of kDate: "1/15/2025" is the 15th of January, not a mistake.
  bool month_first = false;
};

struct Profile {
  // "nl-list"; also the scheme of the aliases.
  std::string_view name;
  // For people.
  std::string_view title = {};
  // Scheme of the aliases of organisations, whose id is their exact name.
  std::string_view organisation_scheme;
  Layout layout = Layout::kJsonList;
  // The list inside the file's object.
  std::string_view list_member = {};
  // BCP 47 of the texts.
  std::string_view language;
  // What a row becomes.
  RegistrationKind kind;
  std::span<const Column> columns;
  // Fields of ours that no column gives, recorded as missing when a row is
  // first seen.
  std::span<const std::string_view> missing = {};
  // A row without a foreign id, or with one that another row of the file has
  // (row_identity.h), is known by its organisation and title instead (scheme
  // "<name>:natural").
  bool ids_may_be_blank = false;
  // Of ids_may_be_blank: the columns (`foreign`) whose texts name such a row,
  // where organisation and title are not enough.
  std::span<const std::string_view> natural_key = {};
  // Of kCsv: a file that is no UTF-8 is Windows-1252.
  bool windows_1252 = false;
};

// Every profile, in the order of their names.
std::span<const Profile* const> Profiles();
// The profile, or nullptr.
const Profile* FindProfile(std::string_view name);
// "<name>:natural", the scheme of natural keys.
std::string NaturalScheme(const Profile& profile);
// Whether imports find registrations or organisations by aliases of the scheme.
bool IsSchemeOfAProfile(std::string_view scheme);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILE_H_
