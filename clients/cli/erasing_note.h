// That a person asked to have her account erased, noted on her device before it
// is sent: when no answer comes, the next look at the server tells whether it
// began, and what belonged to the account is set aside.
// docs/formats/account-erasure.md, device-files.md

#ifndef LIMPID_CLIENTS_CLI_ERASING_NOTE_H_
#define LIMPID_CLIENTS_CLI_ERASING_NOTE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/session.h"
#include "clients/cpp/person_client.h"

namespace limpid::cli {

// Notes that the account `person_id` ("per_…") is about to be erased: JSON
// {"format": "limpid-account-erasing/1", "person"}. Durable on return.
//
// Errors: those of writing, IsAboutOwnFile.
absl::Status NoteErasing(std::string_view person_id, const Session& session);
// Whose erasure is noted, if any.
//
// Errors:
//   kDataLoss  the file is not one: IsAboutOwnFile.
absl::StatusOr<std::optional<std::string>> NotedErasing(const Session& session);
// It was refused, or all is done: nothing is left of the note.
absl::Status DropErasing(const Session& session);

// Of a noted erasure: whether it began, as the server shows by refusing the
// key that it took before. Then everything is set aside (SetAside) and the note
// goes. A server that lies gains nothing: all of it is still there.
//
// Errors: those of PersonClient::GetAccount but that refusal, and of SetAside.
absl::StatusOr<bool> ErasureBegan(client::PersonClient& consent,
                                  const Session& session);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_ERASING_NOTE_H_
