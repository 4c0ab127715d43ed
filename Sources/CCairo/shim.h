#include <cairo-ft.h>
#include <cairo.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
// Cairo's PNG writer searches for the smallest file, which takes longer than all of drawing; zlib, which cairo itself
// needs, is called directly at its fastest level.
#include <zlib.h>
