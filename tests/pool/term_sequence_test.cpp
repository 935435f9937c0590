#include "pool/term_sequence.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

using namespace mtask;
using namespace std::chrono_literals;
using pool::TermSequence;

TEST_CASE("a sequence of signals is read as parallel writes it") {
  CHECK(pool::parse_term_sequence("TERM,200,TERM,100,TERM,50,KILL,25").value() ==
        TermSequence{{SIGTERM, 200ms}, {SIGTERM, 100ms}, {SIGTERM, 50ms}, {SIGKILL, 25ms}});
  CHECK(pool::parse_term_sequence("INT,0").value() == TermSequence{{SIGINT, 0ms}});
}

TEST_CASE("the last time of a sequence may be left out") {
  CHECK(pool::parse_term_sequence("TERM,200,KILL").value() == TermSequence{{SIGTERM, 200ms}, {SIGKILL, 0ms}});
}

TEST_CASE("signals have names in either case, with or without SIG, or numbers") {
  for (const char* text : {"HUP", "hup", "SIGHUP", "SigHup", "1"}) {
    CHECK(pool::parse_term_sequence(text).value() == TermSequence{{SIGHUP, 0ms}});
  }
  CHECK(pool::parse_term_sequence(std::to_string(SIGRTMAX)).value() == TermSequence{{SIGRTMAX, 0ms}});
}

TEST_CASE("what is no sequence of signals is refused with an example") {
  for (const char* text :
       {"", ",", "TERM,", "TERM,,KILL", ",TERM", "TERM,200,", "TERM,KILL", "FOO,10", "0,10", "65,10", "-1,10",
        "TERM,-1", "TERM,1.5", "TERM,1s", "TERM,86400001", "TERM,99999999999999999999", "TERM, 200", "SIG,10"}) {
    INFO("text: " << text);
    const auto sequence = pool::parse_term_sequence(text);
    REQUIRE_FALSE(sequence);
    CHECK(sequence.error().kind == ErrorKind::kUsage);
    CHECK(sequence.error().message().find("TERM,200,KILL,25") != std::string::npos);
  }
}
