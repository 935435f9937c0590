#pragma once
// Integers of 128 bits, an extension of all compilers that are supported.

namespace mtask::gen {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

}  // namespace mtask::gen
