#pragma once
// Moving a file's bytes: cloned where the file system can, else read and written, holes kept, rate kept, read back on
// request. One object a worker; not thread-safe.

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "copy/run_state.hpp"
#include "copy/trouble.hpp"

namespace mtask::copy {

class Content {
 public:
  // `counters`: the worker's; bytes are counted as they move (clones are the caller's to count).
  Content(RunState& run, WorkerCounters& counters);

  struct Moved {
    std::uint64_t bytes = 0;  // written or shared; holes not counted
    bool cloned = false;
    bool short_source = false;  // the source ended before its size said so
  };

  // The whole of `source` into the empty `destination`, both at offset 0. `status`: the source's, taken from the fd.
  [[nodiscard]] Trouble copy(int source, int destination, const struct stat& status, Moved& moved);

  // Bytes [begin, end) alone, at the same place; holes are kept when `sparse`. Doesn't clone, doesn't set the size.
  [[nodiscard]] Trouble copy_range(int source, int destination, off_t begin, off_t end, bool sparse, Moved& moved);

  // Shares all blocks. False, without trouble, where that can't be done and need not.
  [[nodiscard]] Trouble clone(int source, int destination, const struct stat& status, bool& cloned);

  // Do the two have the same bytes, over [0, size)? What is a hole in both is not read. Moves the fds' offsets.
  // `past_cache`: the destination is
  // written out and read from its device again.
  [[nodiscard]] Trouble same(int source, int destination, off_t size, bool past_cache, bool& equal);

  // How many bytes copy() would move of a sparse file. Moves the fd's offset.
  [[nodiscard]] static Trouble data_size(int source, const struct stat& status, std::uint64_t& bytes);

  // Does the source have holes worth keeping?
  [[nodiscard]] bool is_sparse(const struct stat& status) const noexcept;

 private:
  static constexpr std::size_t kBuffer = 256 * 1024;
  struct Chunk {
    off_t offset;
    std::size_t size;
    std::uint64_t hash[2];  // XXH3-128
  };

  [[nodiscard]] Trouble copy_data(int source, int destination, off_t begin, off_t end, Moved& moved);
  [[nodiscard]] Trouble copy_small(int source, int destination, const struct stat& status, Moved& moved);
  [[nodiscard]] Trouble verify(int destination);
  [[nodiscard]] bool throttle(std::size_t bytes);
  [[nodiscard]] std::size_t chunk_size() const noexcept;
  void remember(off_t offset, std::size_t size);

  RunState& run_;
  WorkerCounters& counters_;
  std::unique_ptr<std::byte[]> buffer_;
  std::unique_ptr<std::byte[]> second_;  // for comparing; made when first needed
  std::vector<Chunk> chunks_;            // of the current call, for verify()
  struct CloneVerdict {
    dev_t source;
    dev_t destination;
    bool works;
    off_t smallest;  // bytes
  };
  std::vector<CloneVerdict> verdicts_;
};

}  // namespace mtask::copy
