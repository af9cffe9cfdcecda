#include "clients/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

namespace limpid::cli {
namespace {

constexpr std::size_t kBarColumns = 30;
// Between two columns.
constexpr std::string_view kGap = "  ";

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// How many bytes follow a first byte of UTF-8.
std::size_t Continuations(unsigned char first) {
  if (first < 0xC0U) return 0;
  if (first < 0xE0U) return 1;
  return first < 0xF0U ? 2 : 3;
}

// The bytes of a character at the beginning of `rest` that nobody sees and that
// changes what others see: C1 controls, and the embeddings, overrides and
// isolates of bidirectional text, which turn a name around (UAX #9 section 2).
std::size_t UnseenBytes(std::string_view rest) {
  const auto at = [rest](std::size_t i) {
    return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U;
  };
  if (at(0) == 0xC2U && at(1) >= 0x80U && at(1) <= 0x9FU) return 2;
  if (at(0) != 0xE2U) return 0;
  if (at(1) == 0x80U && at(2) >= 0xAAU && at(2) <= 0xAEU) return 3;
  if (at(1) == 0x81U && at(2) >= 0xA6U && at(2) <= 0xA9U) return 3;
  return 0;
}

// The first `columns` characters, with "…" for what was cut.
std::string Fit(const std::string& text, std::size_t columns) {
  if (Columns(text) <= columns || columns == 0) return text;
  std::size_t end = 0;
  std::size_t seen = 0;
  while (end < text.size()) {
    if (!IsContinuation(text[end]) && ++seen == columns) break;
    ++end;
  }
  return text.substr(0, end) + "…";
}

std::string Padded(const std::string& text, std::size_t columns) {
  const std::size_t have = Columns(text);
  return have >= columns ? text : text + std::string(columns - have, ' ');
}

std::vector<std::size_t> Widths(const Row& header,
                                const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& cell : header) widths.push_back(Columns(cell));
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], Columns(row[i]));
    }
  }
  return widths;
}

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// An id as rec_… or a digest in hex: half of one can be neither read nor
// pasted.
bool IsWhole(std::string_view cell) {
  constexpr std::size_t kPrefix = 3;
  constexpr std::size_t kShortest = 20;
  if (cell.size() < kShortest) return false;
  const bool id = cell[kPrefix] == '_';
  if (id) cell.remove_prefix(kPrefix + 1);
  return std::all_of(cell.begin(), cell.end(), [id](char c) {
    return IsDigit(c) || (IsLower(c) && (id || c <= 'f'));
  });
}

// By column: whether it must not be cut.
std::vector<bool> WholeColumns(std::size_t columns,
                               const std::vector<Row>& rows) {
  std::vector<bool> out(columns, false);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size() && i < columns; ++i) {
      if (IsWhole(row[i])) out[i] = true;
    }
  }
  return out;
}

// Takes columns away from the widest that may be cut until the row fits. One
// that still does not runs into the next line of the screen.
void Shrink(std::vector<std::size_t>& widths, const std::vector<bool>& whole,
            std::size_t width) {
  constexpr std::size_t kNarrowest = 12;
  const auto total = [&widths] {
    std::size_t sum = 0;
    for (const std::size_t one : widths) sum += one + kGap.size();
    return sum;
  };
  while (total() > width) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (whole[i] || widths[i] <= kNarrowest) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) return;
    --*widest;
  }
}

}  // namespace

std::string Clean(std::string_view text) {
  std::string out;
  std::size_t due = 0;  // Continuation bytes of the character begun.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t unseen = UnseenBytes(text.substr(i));
    if (unseen > 0) {
      i += unseen - 1;
      due = 0;
      continue;
    }
    const auto code = static_cast<unsigned char>(text[i]);
    if (IsContinuation(text[i])) {
      // Alone it is no character, and to some terminals a control.
      if (due == 0) continue;
      --due;
    } else {
      due = Continuations(code);
    }
    out.push_back(code < 0x20U || code == 0x7FU ? ' ' : text[i]);
  }
  return out;
}

std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

Terminal Terminal::Standard() {
  Look look;
  look.interactive = isatty(STDOUT_FILENO) == 1;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets the environment
  look.colour = look.interactive && std::getenv("NO_COLOR") == nullptr;
  winsize size{};
  if (look.interactive && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
      size.ws_col > 0) {
    look.width = size.ws_col;
  }
  return {std::cout, std::cerr, look};
}

std::string Terminal::Bold(std::string_view text) const {
  if (!look_.colour) return std::string(text);
  return "\x1b[1m" + std::string(text) + "\x1b[0m";
}

void Terminal::Line(std::string_view text) {
  EndProgress();
  out_ << text << '\n' << std::flush;
}

void Terminal::Heading(std::string_view text) {
  EndProgress();
  out_ << Bold(text) << '\n' << std::flush;
}

void Terminal::Facts(
    const std::vector<std::pair<std::string, std::string>>& facts) {
  std::size_t widest = 0;
  for (const auto& [label, value] : facts) {
    widest = std::max(widest, Columns(label));
  }
  for (const auto& [label, value] : facts) {
    if (value.empty()) continue;
    Line(look_.interactive
             ? Padded(label, widest) + std::string(kGap) + Clean(value)
             : label + "\t" + Clean(value));
  }
}

void Terminal::Table(const Row& header, const std::vector<Row>& rows) {
  if (rows.empty()) {
    Line("(none)");
    return;
  }
  std::vector<Row> clean = rows;
  for (Row& row : clean) {
    for (std::string& cell : row) cell = Clean(cell);
  }
  std::vector<std::size_t> widths = Widths(header, clean);
  Shrink(widths, WholeColumns(widths.size(), clean), look_.width);
  const auto text = [&](const Row& row) {
    std::string out;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!look_.interactive) {
        out += (i == 0 ? "" : "\t") + row[i];
      } else if (i + 1 == row.size()) {
        out += Fit(row[i], widths[i]);
      } else {
        out += Padded(Fit(row[i], widths[i]), widths[i]) + std::string(kGap);
      }
    }
    return out;
  };
  Heading(text(header));
  for (const Row& row : clean) Line(text(row));
}

void Terminal::Raw(std::string_view text) {
  EndProgress();
  out_ << text << std::flush;
}

void Terminal::Error(std::string_view text) {
  EndProgress();
  err_ << text << '\n' << std::flush;
}

void Terminal::Progress(std::string_view label, std::int64_t done,
                        std::int64_t total) {
  if (!look_.interactive) return;
  progress_shown_ = true;
  err_ << "\r\x1b[2K" << label << ' ';
  if (total > 0) {
    const auto filled = static_cast<std::size_t>(
        static_cast<std::int64_t>(kBarColumns) * std::min(done, total) / total);
    err_ << '[' << std::string(filled, '#')
         << std::string(kBarColumns - filled, '.') << "] " << done << '/'
         << total;
  } else {
    err_ << done;
  }
  err_ << std::flush;
}

void Terminal::EndProgress() {
  if (!progress_shown_) return;
  progress_shown_ = false;
  err_ << "\r\x1b[2K" << std::flush;
}

}  // namespace limpid::cli
