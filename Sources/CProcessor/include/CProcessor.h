#ifndef CPROCESSOR_H
#define CPROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What Swift has no words for: which instructions the processor and the system under it allow. */
bool processor_has_avx2_fma(void);
bool processor_has_avx512f(void);

/* Memory that is given back stays in the process from now on, for the next tensors of the same sizes: else the system takes
   it back after every step of a training, and clears it again, page by page, for the next one. See mallopt(3) of glibc;
   with other C libraries nothing happens. */
void keep_freed_memory(void);

/* Asks for pages of 2 MB under memory that begins where one does: the processor finds these without reading tables of
   addresses, which takes as long as the numbers where they are read once. See madvise(2) of Linux, MADV_HUGEPAGE; with other
   systems nothing happens. */
void use_large_pages(void *memory, size_t bytes);

/* Fetches a line of memory into the second-level cache. */
static inline void fetch_soon(const float *place) { __builtin_prefetch(place, 0, 2); }

/* Fetches a line of memory into the first-level cache. */
static inline void fetch_next(const float *place) { __builtin_prefetch(place, 0, 3); }

/* A convolution over maps whose numbers are vectors: one lane an image. Lengths are in vectors.

   For each position (y, x) and each kernel row k, `run` vectors from y * row_step + x * column_step + k * row_pitch
   are multiplied by as many weights of each output channel. Kept here, in C, so that the kernels share no Swift type
   with the rest: a generic that both specialise could carry wide instructions into the part that every processor runs. */
typedef struct {
  ptrdiff_t height, width;       /* positions */
  ptrdiff_t row_step;            /* from one position to the one below it, in the input */
  ptrdiff_t column_step;         /* to the one on its right */
  ptrdiff_t row_pitch;           /* from one row of the input to the next */
  ptrdiff_t kernel_rows, run;
  ptrdiff_t channels;            /* of the output */
  ptrdiff_t output_pitch;        /* from one row of the output to the next */
  ptrdiff_t zero_rows;           /* of the input's rows, the first ones and as many last ones that hold zeros alone */
  bool rectified;
} convolution_geometry;

/* A convolution of each channel by itself over a map (map_height, map_width, channels): where its windows lie. */
typedef struct {
  ptrdiff_t map_height, map_width, channels;
  ptrdiff_t window_height, window_width;
  ptrdiff_t step_y, step_x;      /* from one window to the next */
  ptrdiff_t gap_y, gap_x;        /* from one tap of a window to the next */
  ptrdiff_t top, left;           /* padding */
  ptrdiff_t width;               /* positions in a row of the output */
} depthwise_geometry;

/* Where a position of a map counts in a layer that is linear in the map: (offset) outputs from this one on get the
   position's number times the weights of this place of the kernel. */
typedef struct {
  ptrdiff_t offset, place;
} sweep_tap;

/* Rows of a group, and how many entries before its turn an entry's index is read. */
enum { sparse_rows_per_group = 8, sparse_entries_ahead = 8 };

/* Rows of numbers in groups of neighbours: of each group, the columns where at least one row is not 0. */
typedef struct {
  ptrdiff_t groups;
  const ptrdiff_t *rows;         /* (groups + 1): where each group's rows begin */
  const ptrdiff_t *starts;       /* (groups + 1): where its entries begin */
  const int32_t *indices;        /* of the entries: a column; more numbers follow, as many as are read ahead */
  const float *values;           /* of the entries: a number of each row; rows that are missing have the last one's */
} sparse_rows;

#endif
