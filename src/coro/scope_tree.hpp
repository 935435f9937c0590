#pragma once
// Walks a scope and all scopes inside of it.

#include "mtask/scope.hpp"

namespace mtask {

// From the outside inwards, without recursion. `visit` makes and destroys no scope.
template <class Visit>
void scope::each_scope(Visit visit) {
  for (scope* at = this;;) {
    visit(*at);
    if (at->first_inner_ != nullptr) {
      at = at->first_inner_;
      continue;
    }
    while (at != this && at->next_ == nullptr) at = at->parent_;
    if (at == this) return;
    at = at->next_;
  }
}

}  // namespace mtask
