#include <algorithm>
#include <cctype>

#include "cli/gen_command.hpp"
#include "mtask/gen.hpp"

namespace mtask::cli {
namespace {

using gen::StageHelp;

bool is_option(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  if (word[1] == ' ' || word[1] == '|') return false;  // "- | map x" is a pipeline
  return word == "-0" || (std::isdigit(static_cast<unsigned char>(word[1])) == 0 && word[1] != '.' && word != "-inf");
}

const StageHelp::Option* stage_option(const StageHelp* stage, std::string_view word) {
  if (stage == nullptr) return nullptr;
  const auto found = std::find_if(stage->options.begin(), stage->options.end(), [&](const StageHelp::Option& option) {
    if (word.starts_with("--")) return word.substr(2, word.find('=') - 2) == option.name;
    return word.size() == 2 && option.letter == word[1];
  });
  return found == stage->options.end() ? nullptr : &*found;
}

const Option* own_option(const OptionTable& table, std::string_view word) {
  if (word.starts_with("--")) return find_option(table, word.substr(2, word.find('=') - 2));
  return find_letter(table, word[1]);
}

bool takes_next(const Option& option, std::string_view word) {
  if (option.takes != Option::Takes::kValue) return false;
  return word.starts_with("--") ? word.find('=') == std::string_view::npos : word.size() == 2;
}

class Arranger {
 public:
  Arranger(const OptionTable& table, const std::vector<std::string>& arguments)
      : table_(table), arguments_(arguments) {}

  std::vector<std::string> arrange() {
    for (; at_ < arguments_.size(); ++at_) take(arguments_[at_]);
    if (operands_.empty()) return std::move(options_);
    options_.emplace_back("--");
    options_.insert(options_.end(), operands_.begin(), operands_.end());
    return std::move(options_);
  }

 private:
  void take(const std::string& word) {
    if (word == ":") {
      begins_ = true;
      rest_is_operands_ = false;
      operands_.push_back(word);
    } else if (!rest_is_operands_ && word == "--") {
      rest_is_operands_ = !operands_.empty();  // before the first stage it changes nothing
      if (rest_is_operands_) operands_.push_back(word);
    } else if (!rest_is_operands_ && is_option(word) && !is_expression(word)) {
      take_option(word);
    } else {
      take_operand(word);
    }
  }

  // "-x" where an expression is still to come.
  [[nodiscard]] bool is_expression(const std::string& word) const {
    return !begins_ && stage_ != nullptr && !word.starts_with("--") && stage_operands_ < stage_->least &&
           stage_->operands.find("EXPR") != std::string_view::npos && stage_option(stage_, word) == nullptr;
  }

  void take_operand(const std::string& word) {
    if (begins_) {
      stage_operands_ = 0;
      const auto found =
          std::find_if(stages_.begin(), stages_.end(), [&](const StageHelp& row) { return row.name == word; });
      stage_ = found == stages_.end() ? nullptr : &*found;
      begins_ = false;
    } else {
      ++stage_operands_;
      rest_is_operands_ = rest_is_operands_ || (stage_ != nullptr && stage_->options_first);
    }
    operands_.push_back(word);
  }

  void take_option(const std::string& word) {
    if (const StageHelp::Option* const option = begins_ ? nullptr : stage_option(stage_, word)) {
      operands_.push_back(word);
      const bool value_follows = !option->placeholder.empty() && word.find('=') == std::string::npos;
      if (value_follows && at_ + 1 < arguments_.size()) operands_.push_back(arguments_[++at_]);
      return;
    }
    const Option* const option = own_option(table_, word);
    // What nobody knows stays with its stage, which says so.
    std::vector<std::string>& into = option != nullptr || operands_.empty() ? options_ : operands_;
    into.push_back(word);
    if (option != nullptr && takes_next(*option, word) && at_ + 1 < arguments_.size())
      into.push_back(arguments_[++at_]);
  }

  const OptionTable& table_;
  const std::vector<std::string>& arguments_;
  const std::vector<StageHelp> stages_ = gen::stages();
  std::vector<std::string> options_;
  std::vector<std::string> operands_;
  std::size_t at_ = 0;
  std::size_t stage_operands_ = 0;
  bool begins_ = true;  // the next operand names a stage
  bool rest_is_operands_ = false;
  const StageHelp* stage_ = nullptr;
};

}  // namespace

std::vector<std::string> arrange_gen(const OptionTable& table, const std::vector<std::string>& arguments) {
  return Arranger(table, arguments).arrange();
}

}  // namespace mtask::cli
