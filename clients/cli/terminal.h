// What a person sees: lines, tables and one progress bar. On a terminal with
// alignment and colour; into a pipe as plain tab-separated text, so that other
// tools can read it. Text from servers is stripped of control characters.

#ifndef LIMPID_CLIENTS_CLI_TERMINAL_H_
#define LIMPID_CLIENTS_CLI_TERMINAL_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace limpid::cli {

using Row = std::vector<std::string>;

// Thread-compatible.
class Terminal {
 public:
  struct Look {
    bool interactive = false;
    bool colour = false;
    std::size_t width = 80;
  };

  // Both streams must outlive the terminal.
  Terminal(std::ostream& out, std::ostream& err, Look look)
      : out_(out), err_(err), look_(look) {}
  // Standard output and error; no colour when NO_COLOR is set.
  static Terminal Standard();

  [[nodiscard]] bool interactive() const { return look_.interactive; }

  void Line(std::string_view text);
  void Heading(std::string_view text);
  // "label: value" with the labels of one block aligned.
  void Facts(const std::vector<std::pair<std::string, std::string>>& facts);
  // Nothing but a sentence when there are no rows.
  void Table(const Row& header, const std::vector<Row>& rows);
  // As it is, for JSON and files.
  void Raw(std::string_view text);
  // To standard error.
  void Error(std::string_view text);

  // Redraws the bar on standard error; nothing when not interactive. `total` 0
  // is not known yet.
  void Progress(std::string_view label, std::int64_t done, std::int64_t total);
  void EndProgress();

 private:
  [[nodiscard]] std::string Bold(std::string_view text) const;

  std::ostream& out_;
  std::ostream& err_;
  Look look_;
  bool progress_shown_ = false;
};

// `text` without control characters, which could rewrite the screen.
std::string Clean(std::string_view text);
// Characters of UTF-8 text, taken as one column each.
std::size_t Columns(std::string_view text);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_TERMINAL_H_
