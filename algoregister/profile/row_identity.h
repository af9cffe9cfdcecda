// Which registration each row of a file is of: by its id, or, where ids may be
// blank or stand in several rows, by what else names it. Looks the whole file
// over before its first row is planned, so that the order of rows decides
// nothing that the register knows better.
// docs/formats/profiles.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_IDENTITY_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_IDENTITY_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/reader.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/registration_store.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Lives as long as the import of one file, or of one part of it, of whose other
// parts it knows nothing.
class RowIdentities {
 public:
  // Both must outlive it.
  RowIdentities(const Profile& profile, const RegistrationStore& store);

  // Reads which ids stand in several rows, and whose they are. Call first.
  //
  // Errors: those of ForEachRow, and the store's.
  absl::Status LookOver(const FileText& file);

  // The row that `index` is a translation of: the first one with its id, where
  // all rows with that id are in different languages.
  [[nodiscard]] std::optional<std::size_t> TranslationOf(
      std::size_t index) const;
  // Adds what the translations of row `index` say to its reading.
  void AddTranslations(std::size_t index, RowReading& reading);
  // What a translation says otherwise than the row it is of, once that has been
  // read.
  std::vector<Finding> TakeFindings(std::size_t index);

  // The alias that the row goes by, and in `findings` why it is no id; nothing,
  // with a finding that rejects, when it has none or an earlier row has it.
  // Each row once, in the order of the file.
  //
  // Errors: the store's.
  absl::StatusOr<std::optional<Alias>> Of(const RowReading& reading,
                                          std::size_t index, std::size_t line,
                                          std::vector<Finding>& findings);

 private:
  // A row with an id that others have too.
  struct Claim {
    std::size_t index = 0;
    std::string language;
    std::string natural_id;
    // A registration of its own is known by its natural key.
    bool is_known_otherwise = false;
    // The registration that has the id says this title.
    bool has_title = false;
    // Fields that it says, word for word.
    std::size_t same_fields = 0;
    RowReading reading;
  };

  absl::Status ReadClaims(const FileText& file,
                          const std::map<std::string, std::size_t>& counts);
  absl::StatusOr<Claim> ClaimOf(std::size_t index, RowReading reading,
                                const std::optional<json::Value>& holder) const;
  static void FreeOneOfEachKey(std::vector<Claim>& claims, bool is_held);
  void Settle(const std::string& id, std::vector<Claim> claims, bool is_held);
  [[nodiscard]] bool AreTranslations(const std::vector<Claim>& claims) const;
  void KeepTranslations(std::vector<Claim> claims);
  // The newest content of the registration that has the id.
  [[nodiscard]] absl::StatusOr<std::optional<json::Value>> HolderOf(
      const std::string& id) const;
  [[nodiscard]] absl::StatusOr<bool> IsOtherwiseKnown(
      const RowReading& reading) const;
  [[nodiscard]] absl::StatusOr<bool> GoesById(const RowReading& reading,
                                              std::size_t index) const;
  // Nothing, and a finding, when an earlier row goes by it.
  std::optional<Alias> Once(Alias alias, std::size_t line,
                            std::string_view what,
                            std::vector<Finding>& findings);

  const Profile& profile_;
  const RegistrationStore& store_;
  std::string natural_scheme_;
  // Of each id that stands in several rows the one that goes by it, if any.
  std::map<std::string, std::optional<std::size_t>> owners_;
  // Index of a translation, and of the row it is of.
  std::map<std::size_t, std::size_t> translation_of_;
  // Of a row that has translations: they and it, as they were read.
  std::map<std::size_t, std::vector<Claim>> translations_;
  std::map<std::size_t, std::vector<Finding>> findings_;
  // Line on which each alias was first seen.
  std::map<Alias, std::size_t> lines_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_IDENTITY_H_
