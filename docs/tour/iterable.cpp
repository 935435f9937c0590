// A class that can be iterated, and the question whether something can: both are asked of the compiler.

#include <iostream>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "mtask/generator.hpp"

namespace {

// Iterable by a coroutine: no iterator class with its state is written by hand.
class Classmates {
 public:
  void add(std::string name) { names_.push_back(std::move(name)); }
  [[nodiscard]] mtask::generator<const std::string&> by_length(std::size_t least) const {
    for (const std::string& name : names_) {
      if (name.size() >= least) co_yield name;
    }
  }

 private:
  std::vector<std::string> names_;
};

template <class Range>
mtask::generator<std::pair<int, std::string>> enumerate(Range range) {
  int number = 0;
  for (auto&& element : range) co_yield std::pair<int, std::string>(number++, element);
}

template <class T>
void tell(const char* what) {
  std::cout << what << (std::ranges::range<T> ? " can" : " cannot") << " be iterated\n";
}

}  // namespace

int main() {
  tell<std::vector<int>>("a vector");
  tell<mtask::generator<int>>("a generator");
  tell<int>("an int");

  Classmates classmates;
  for (const char* name : {"Ada", "Grace", "Alan", "Edsger"}) classmates.add(name);
  for (const auto& [number, name] : enumerate(classmates.by_length(4))) std::cout << number << ' ' << name << '\n';
}
