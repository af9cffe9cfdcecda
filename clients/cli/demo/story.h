// Tells the main job step by step, and counts: every step states a fact that
// was checked against the server's answers, and the first false one ends it.

#ifndef LIMPID_CLIENTS_CLI_DEMO_STORY_H_
#define LIMPID_CLIENTS_CLI_DEMO_STORY_H_

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "clients/cli/terminal.h"

namespace limpid::cli {

// How it is told.
enum class Telling {
  kTale,
  // One line "ok <step>" or "FAILED <step>" for each.
  kLines,
  // One line {"ok": true, "step": "<step>"} for each.
  kJson,
};

// Thread-compatible.
class Story {
 public:
  Story(Terminal& terminal, Telling telling)
      : terminal_(terminal), telling_(telling) {}

  void Chapter(std::string_view title);
  // Runs one step. `sentence` says who does what; the body adds with Say what
  // came of it.
  //
  // Errors: those of `body`, with the step's name.
  absl::Status Step(std::string_view name, std::string_view sentence,
                    absl::FunctionRef<absl::Status()> body);
  void Say(std::string_view text);

  [[nodiscard]] int step_count() const { return step_count_; }
  [[nodiscard]] Telling telling() const { return telling_; }
  Terminal& terminal() { return terminal_; }

 private:
  void Outcome(std::string_view name, bool ok);

  Terminal& terminal_;
  const Telling telling_;
  int step_count_ = 0;
};

// kFailedPrecondition "expected that <fact>" unless `holds`.
absl::Status Expect(bool holds, std::string_view fact);
// The same for a call that must fail with `code`.
absl::Status ExpectCode(const absl::Status& status, absl::StatusCode code,
                        std::string_view fact);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_DEMO_STORY_H_
