// Names, times, breadth and depth.
#include <unistd.h>

#include "support/tree_parts.hpp"

namespace mtask::test::tree {

void names(const Site& site) {
  const std::vector<std::string> odd = {"new\nline",
                                        "\n",
                                        "quote'\"`",
                                        "back\\slash",
                                        "-rf",
                                        "--help",
                                        "-",
                                        " ",
                                        " spaces ",
                                        "...",
                                        "..x",
                                        "*?[a]",
                                        "$(false)",
                                        "tab\tbell\a",
                                        "\x1B[31mred",
                                        "\xFF\xFEwrong",
                                        "\xC3\xA4\xC3",
                                        "\xE2\x82\xAC",
                                        std::string(255, 'n'),
                                        ".hidden",
                                        "#hash",
                                        "~tilde",
                                        "a:b",
                                        "%s%n",
                                        ".git"};
  for (const std::string& name : odd) {
    if (name.size() % 2 == 0) {
      write_file_at(site.directory, name, "content of " + name);
    } else {
      write_file_at(make_directory(site.directory, name), name, "inside " + name);
    }
  }
}

void times(const Site& site) {
  for (const char* seconds : {"-447206400", "-1", "0", "1", "2147483647", "2147483648", "4102444800"}) {
    write_file_at(site.directory, std::string("time-") + seconds, seconds);
    (void)make_directory(site.directory, std::string("time-") + seconds + "-directory");
    if (::symlinkat("x", site.directory, (std::string("time-") + seconds + "-symlink").c_str()) != 0) {
      fail_with_errno("symlink");
    }
  }
}

void flat(const Site& site, unsigned files) {
  for (unsigned i = 0; i < files; ++i) {
    write_file_at(site.directory, "file-" + std::to_string(i), pattern(i % 700, i));
  }
}

void deep(const Site& site, unsigned levels) {
  Fd directory(::dup(site.directory));
  for (unsigned i = 0; i < levels; ++i) {
    if (i % 50 == 0) write_file_at(directory, "file", std::to_string(i));
    const std::string number = std::to_string(i);
    directory = make_directory(directory, std::string(200 - number.size(), 'd') + number);
  }
  write_file_at(directory, "bottom", pattern(5000, 5));
  if (::symlinkat("bottom", directory, "symlink") != 0) fail_with_errno("symlink");
  if (::linkat(directory, "bottom", directory, "link", 0) != 0) fail_with_errno("link");
}

}  // namespace mtask::test::tree
