// Writes one registration as one row: the reverse of row.h. For export.cc
// alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_WRITER_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_WRITER_H_

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/profile/export.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row_languages.h"
#include "algoregister/registration/field_table.h"
#include "common/json/value.h"

namespace limpid::algoregister {

class RowWriter {
 public:
  // All must outlive the writer.
  RowWriter(const Profile& profile, const ExportItem& item,
            const OrganisationNames& names, std::vector<Dropped>& dropped)
      : profile_(profile),
        item_(item),
        names_(names),
        dropped_(dropped),
        flat_(profile.layout == Layout::kCsv),
        language_(LanguageOfRow(profile, item.content)) {}

  // An object with a member per column, or a document; of a flat file texts in
  // the order of the columns. Nothing for what does not belong in such a file,
  // or has nothing for a required column.
  std::optional<json::Value> Run();

 private:
  static std::string PointerTo(std::string_view field);
  void Drop(std::string pointer, std::string_view reason);
  // False when the item has no place in the file.
  bool ReadIds();
  void AddColumn(const Column& column, json::Value& row);
  // What stands beside the column's value, unless something else does already.
  static void AddCompanion(const Column& column, json::Value& row);
  [[nodiscard]] std::string_view LanguageOf(const Column& column) const {
    return column.language.empty() ? language_ : column.language;
  }
  // What the column says; nothing where there is nothing to say.
  std::optional<json::Value> ValueOf(const Column& column);
  std::optional<json::Value> FieldOf(const Column& column,
                                     const json::Value& value);
  std::optional<json::Value> WordsInstead(const Column& column);
  // A value of one type, of a field or a member.
  std::optional<json::Value> Write(ColumnType type, const Column& column,
                                   std::span<const CodePair> codes,
                                   const json::Value& value,
                                   const std::string& pointer);
  json::Value Plains(const Column& column, const json::Value& texts,
                     const std::string& pointer);
  std::optional<json::Value> Text(ColumnType type, const Column& column,
                                  const json::Value& map,
                                  const std::string& pointer);
  std::optional<json::Value> Code(std::span<const CodePair> codes,
                                  const json::Value& ours,
                                  const std::string& pointer);
  std::optional<json::Value> Codes(const Column& column,
                                   std::span<const CodePair> codes,
                                   const json::Value& ours,
                                   const std::string& pointer);
  // The members that a record has beyond its column's.
  json::Value OthersOf(const Column& column, const json::Value& record,
                       const std::string& pointer);
  // One member of our record as theirs.
  void WriteMember(const Column& column, const MemberColumn& member,
                   const json::Value& record, const std::string& pointer,
                   json::Value& row);
  std::optional<json::Value> Records(const Column& column,
                                     const json::Value& list);
  std::optional<json::Value> Members(const Column& column,
                                     const json::Value& list);
  // A list as the layout spells it.
  json::Value ListOf(const Column& column,
                     const std::vector<json::Value>& elements) const;
  // The rest of row_dropped.cc: what the row does not say.
  void DropUncovered();
  // Whether it names why `field` is not in the row as a whole.
  bool DropField(std::string_view field, const json::Value& state);
  // Texts of `value` that reading changes: it trims, and takes "[]" for nothing
  // unless it `is_quoted`.
  void DropUnread(FieldType type, const json::Value& value,
                  const std::string& pointer, bool is_quoted);
  void DropLanguages(const FieldSpec& spec, const json::Value& map,
                     const std::string& pointer);
  void DropMembers(const FieldSpec& spec, const json::Value& list);

  const Profile& profile_;
  const ExportItem& item_;
  const OrganisationNames& names_;
  std::vector<Dropped>& dropped_;
  bool flat_;
  // Of texts of columns without one of their own.
  std::string_view language_;
  // The document says nothing yet of what an export makes up.
  bool makes_ = false;
  std::string foreign_id_;
  // Fields for words (Column::otherwise) that were looked at for the row.
  std::set<std::string_view> worded_;
  // The first required column with nothing to say.
  const Column* lacking_ = nullptr;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_WRITER_H_
