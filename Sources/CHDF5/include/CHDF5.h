#ifndef ESPALIER_CHDF5_H
#define ESPALIER_CHDF5_H

// libhdf5 is loaded and not linked: with all that it depends on, its load takes milliseconds, and `plot` or `--help` read
// no HDF5 file. hdf5.h declares the functions, CHDF5.c defines them: each calls the library's own, and fails without one.
// Hidden, so that libhdf5 never takes ours for its own. Debian keeps the headers in a folder of their own.
#if __has_include(<hdf5.h>)
#include <H5api_adpt.h>
#else
#include <hdf5/serial/H5api_adpt.h>
#endif
#undef H5_DLL
#undef H5_DLLVAR
#define H5_DLL __attribute__((visibility("hidden")))
#define H5_DLLVAR extern H5_DLL
#if __has_include(<hdf5.h>)
#include <hdf5.h>
#else
#include <hdf5/serial/hdf5.h>
#endif
#include <stdbool.h>
#include <stdio.h>
// HDF5's gzip filter; libhdf5-dev brings it. It serves to measure compressed chunks before HDF5 inflates them.
#include <zlib.h>

// Loads the library of that name or path, once and before any other call: false where it does not serve, and `problem`,
// of 512 bytes, says why.
H5_DLL bool chdf5_load(const char *name, char *problem);

// What follows is what Swift cannot import from HDF5 1.10 to 1.14: macros that expand to a call or a mutable global,
// and names that one release declares as a function and the next as a macro.

// H5T_NATIVE_*, H5T_IEEE_* and H5T_STD_* expand to "(H5open(), H5T_..._g)".
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }

// H5P_* classes are globals behind the same macro.
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }

// Casts in a macro: H5P_DEFAULT, H5S_ALL, H5E_DEFAULT, H5T_VARIABLE; H5F_ACC_* call H5check as well.
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_all(void) { return H5S_ALL; }
static inline size_t chdf5_variable(void) { return H5T_VARIABLE; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline void chdf5_silence(void) { (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

// The error stack is walked by a callback that gets a struct of borrowed pointers: copied here, in C.
static inline herr_t chdf5_keep_first(unsigned n, const H5E_error2_t *error, void *text) {
  if (n == 0) snprintf((char *)text, 256, "%s", error->desc ? error->desc : "");
  return 0;
}

// The innermost message of the last failure: `text` holds 256 bytes.
static inline void chdf5_last_message(char *text) {
  text[0] = 0;
  (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_keep_first, text);
}

// H5Pset_file_locking came with 1.10.7, 1.12.1 and 1.13; read-only folders need it off.
#if H5_VERS_MAJOR > 1 || H5_VERS_MINOR > 12 || (H5_VERS_MINOR == 12 && H5_VERS_RELEASE >= 1) || \
    (H5_VERS_MINOR == 10 && H5_VERS_RELEASE >= 7)
#define CHDF5_FILE_LOCKING
#endif
static inline herr_t chdf5_unlock(hid_t access) {
#ifdef CHDF5_FILE_LOCKING
  return H5Pset_file_locking(access, 0, 1);
#else
  (void)access;
  return 0;
#endif
}

// H5Lget_info is a function in 1.10 and a macro for H5Lget_info1 or 2 from 1.12 on; so is its struct.
// Returns the link's class and the size of its value, or a negative number.
static inline int chdf5_link(hid_t group, const char *name, size_t *value_size) {
  H5L_info_t info;
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
  *value_size = info.type == H5L_TYPE_HARD ? 0 : info.u.val_size;
  return (int)info.type;
}

typedef herr_t (*chdf5_visitor)(const char *name, void *context);
typedef struct { chdf5_visitor visit; void *context; } chdf5_visit;

static inline herr_t chdf5_visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  (void)group; (void)info;
  return ((chdf5_visit *)data)->visit(name, ((chdf5_visit *)data)->context);
}

// H5Literate is a macro from 1.12 on, and its callback's type changes with it.
static inline herr_t chdf5_each_link(hid_t group, chdf5_visitor visit, void *context) {
  chdf5_visit data = {visit, context};
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, chdf5_visit_link, &data);
}

#endif
