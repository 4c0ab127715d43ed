// Every function of libzip that Espalier calls.

FUNCTION(int, zip_close, (zip_t *archive), (archive))
FUNCTION(void, zip_discard, (zip_t *archive), (archive))
FUNCTION(int, zip_error_code_zip, (const zip_error_t *error), (error))
FUNCTION(void, zip_error_fini, (zip_error_t *error), (error))
FUNCTION(void, zip_error_init, (zip_error_t *error), (error))
FUNCTION(const char *, zip_error_strerror, (zip_error_t *error), (error))
FUNCTION(int, zip_fclose, (zip_file_t *file), (file))
FUNCTION(zip_int64_t, zip_file_add, (zip_t *archive, const char *name, zip_source_t *source, zip_flags_t flags),
         (archive, name, source, flags))
FUNCTION(zip_error_t *, zip_file_get_error, (zip_file_t *file), (file))
FUNCTION(int, zip_file_set_dostime,
         (zip_t *archive, zip_uint64_t index, zip_uint16_t time, zip_uint16_t date, zip_flags_t flags),
         (archive, index, time, date, flags))
FUNCTION(int, zip_file_set_external_attributes,
         (zip_t *archive, zip_uint64_t index, zip_flags_t flags, zip_uint8_t system, zip_uint32_t attributes),
         (archive, index, flags, system, attributes))
FUNCTION(zip_file_t *, zip_fopen_index, (zip_t *archive, zip_uint64_t index, zip_flags_t flags), (archive, index, flags))
FUNCTION(zip_int64_t, zip_fread, (zip_file_t *file, void *bytes, zip_uint64_t count), (file, bytes, count))
FUNCTION(zip_error_t *, zip_get_error, (zip_t *archive), (archive))
FUNCTION(zip_int64_t, zip_get_num_entries, (zip_t *archive, zip_flags_t flags), (archive, flags))
FUNCTION(const char *, zip_libzip_version, (void), ())
FUNCTION(zip_t *, zip_open_from_source, (zip_source_t *source, int flags, zip_error_t *error), (source, flags, error))
FUNCTION(int, zip_set_file_compression,
         (zip_t *archive, zip_uint64_t index, zip_int32_t method, zip_uint32_t level), (archive, index, method, level))
FUNCTION(zip_source_t *, zip_source_buffer_create,
         (const void *bytes, zip_uint64_t count, int frees, zip_error_t *error), (bytes, count, frees, error))
FUNCTION(int, zip_source_close, (zip_source_t *source), (source))
FUNCTION(zip_error_t *, zip_source_error, (zip_source_t *source), (source))
FUNCTION(zip_source_t *, zip_source_filep_create,
         (FILE *file, zip_uint64_t start, zip_int64_t length, zip_error_t *error), (file, start, length, error))
FUNCTION(void, zip_source_free, (zip_source_t *source), (source))
FUNCTION(void, zip_source_keep, (zip_source_t *source), (source))
FUNCTION(int, zip_source_open, (zip_source_t *source), (source))
FUNCTION(zip_int64_t, zip_source_read, (zip_source_t *source, void *bytes, zip_uint64_t count), (source, bytes, count))
FUNCTION(int, zip_source_stat, (zip_source_t *source, zip_stat_t *status), (source, status))
FUNCTION(int, zip_stat_index, (zip_t *archive, zip_uint64_t index, zip_flags_t flags, zip_stat_t *status),
         (archive, index, flags, status))
FUNCTION(void, zip_stat_init, (zip_stat_t *status), (status))

#undef FUNCTION
