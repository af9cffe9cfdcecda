// Replays a seed corpus through a fuzz target without libFuzzer, so that the
// plain build runs every known input as a test. Arguments: files or folders.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

// The entry point libFuzzer asks for; the name is its.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace {

void ReplayFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in),
                                std::istreambuf_iterator<char>()};
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

std::size_t Replay(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) {
    ReplayFile(path);
    return 1;
  }
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    ReplayFile(entry.path());
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::size_t count = 0;
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    for (char* const argument : arguments.subspan(1)) count += Replay(argument);
    std::cout << "replayed " << count << " inputs\n";
    // A corpus that was moved away must not pass for a clean one.
    return count == 0 ? 1 : 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
