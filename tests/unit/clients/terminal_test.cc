#include "clients/cli/terminal.h"

#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace limpid::cli {
namespace {

struct Screen {
  std::ostringstream out;
  std::ostringstream err;
};

Terminal Piped(Screen& screen) { return {screen.out, screen.err, {}}; }
Terminal Shown(Screen& screen, std::size_t width) {
  return {screen.out, screen.err, {true, false, width}};
}

TEST(Terminal, WritesTabsIntoAPipe) {
  Screen screen;
  Piped(screen).Table({"id", "title"}, {{"1", "Anna"}, {"22", "Boris"}});
  EXPECT_EQ(screen.out.str(), "id\ttitle\n1\tAnna\n22\tBoris\n");
}

TEST(Terminal, AlignsColumnsByCharactersOnATerminal) {
  Screen screen;
  Shown(screen, 80).Table({"name", "n"}, {{"Zoë", "1"}, {"Anna", "2"}});
  EXPECT_EQ(screen.out.str(), "name  n\nZoë   1\nAnna  2\n");
}

TEST(Terminal, CutsTheWidestColumnToFitTheScreen) {
  Screen screen;
  Shown(screen, 40).Table({"id", "text"}, {{"1", std::string(100, 'x')}});
  std::istringstream lines(screen.out.str());
  std::string line;
  while (std::getline(lines, line)) EXPECT_LE(Columns(line), 40U);
  EXPECT_NE(screen.out.str().find("…"), std::string::npos);
}

// An id is there to be pasted into the next command.
TEST(Terminal, CutsNoIdToFitTheScreen) {
  const std::string id = "rec_" + std::string(26, 'a');
  Screen screen;
  Shown(screen, 40).Table({"id", "title"}, {{id, std::string(100, 'x')}});
  EXPECT_NE(screen.out.str().find(id + "  "), std::string::npos);
  EXPECT_NE(screen.out.str().find("…"), std::string::npos);
}

TEST(Terminal, TakesControlCharactersOutOfWhatOthersWrote) {
  Screen screen;
  Piped(screen).Table({"title"}, {{"a\x1b[2Jb\tc\nd"}});
  EXPECT_EQ(screen.out.str(), "title\na [2Jb c d\n");
  EXPECT_EQ(Clean("a\x7f"), "a ");
}

// A title that reads backwards, or speaks to the terminal in UTF-8.
TEST(Clean, DropsWhatNobodySees) {
  EXPECT_EQ(Clean("a\xC2\x80"
                  "b\xC2\x9B"
                  "2Jc\xC2\x9F"),
            "ab2Jc");
  for (const char* const turn :
       {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067",
        "\u2068", "\u2069"}) {
    EXPECT_EQ(Clean(std::string("a") + turn + "b"), "ab");
  }
  // Neighbours on both sides stay, and so does the rest of the world.
  for (const char* const text :
       {"\u00A0", "\u2029", "\u202F", "\u2065", "\u206A", "Zo\u00EB", "\u05D0",
        "\u20AC", "\U0001F600"}) {
    EXPECT_EQ(Clean(text), text);
  }
  // Bytes that are no UTF-8.
  EXPECT_EQ(Clean("a\x9B"
                  "b"),
            "ab");
  EXPECT_EQ(Clean("\xC3\xAB\x9B"), "\xC3\xAB");
}

TEST(Terminal, SaysWhenThereIsNothing) {
  Screen screen;
  Piped(screen).Table({"title"}, {});
  EXPECT_EQ(screen.out.str(), "(none)\n");
}

TEST(Terminal, DrawsProgressOnlyForPeople) {
  Screen piped;
  Piped(piped).Progress("importing", 1, 2);
  EXPECT_EQ(piped.err.str(), "");
  Screen shown;
  Terminal terminal = Shown(shown, 80);
  terminal.Progress("importing", 1, 2);
  EXPECT_NE(shown.err.str().find("1/2"), std::string::npos);
  EXPECT_EQ(shown.out.str(), "");
}

}  // namespace
}  // namespace limpid::cli
