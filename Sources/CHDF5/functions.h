// Every function of HDF5 that Espalier calls. SIZE is for those that say 0 where they fail; the others say -1.

FORWARD(hid_t, H5Acreate2, (hid_t at, const char *name, hid_t type, hid_t space, hid_t creation, hid_t access),
        (at, name, type, space, creation, access))
FORWARD(htri_t, H5Aexists, (hid_t object, const char *name), (object, name))
FORWARD(hid_t, H5Aget_space, (hid_t attribute), (attribute))
FORWARD(hid_t, H5Aget_type, (hid_t attribute), (attribute))
FORWARD(herr_t, H5Aiterate2,
        (hid_t at, H5_index_t index, H5_iter_order_t order, hsize_t *next, H5A_operator2_t visit, void *context),
        (at, index, order, next, visit, context))
FORWARD(hid_t, H5Aopen, (hid_t object, const char *name, hid_t access), (object, name, access))
FORWARD(herr_t, H5Aread, (hid_t attribute, hid_t type, void *values), (attribute, type, values))
FORWARD(herr_t, H5Awrite, (hid_t attribute, hid_t type, const void *values), (attribute, type, values))

FORWARD(hid_t, H5Dcreate2,
        (hid_t at, const char *name, hid_t type, hid_t space, hid_t links, hid_t creation, hid_t access),
        (at, name, type, space, links, creation, access))
FORWARD(herr_t, H5Dget_chunk_storage_size, (hid_t dataset, const hsize_t *corner, hsize_t *size),
        (dataset, corner, size))
FORWARD(hid_t, H5Dget_create_plist, (hid_t dataset), (dataset))
FORWARD(haddr_t, H5Dget_offset, (hid_t dataset), (dataset))
FORWARD(hid_t, H5Dget_space, (hid_t dataset), (dataset))
SIZE(hsize_t, H5Dget_storage_size, (hid_t dataset), (dataset))
FORWARD(hid_t, H5Dget_type, (hid_t dataset), (dataset))
FORWARD(herr_t, H5Dread, (hid_t dataset, hid_t type, hid_t memory, hid_t file, hid_t transfer, void *values),
        (dataset, type, memory, file, transfer, values))
FORWARD(herr_t, H5Dread_chunk,
        (hid_t dataset, hid_t transfer, const hsize_t *corner, uint32_t *skipped, void *bytes),
        (dataset, transfer, corner, skipped, bytes))
FORWARD(herr_t, H5Dwrite, (hid_t dataset, hid_t type, hid_t memory, hid_t file, hid_t transfer, const void *values),
        (dataset, type, memory, file, transfer, values))

FORWARD(herr_t, H5Eset_auto2, (hid_t stack, H5E_auto2_t print, void *context), (stack, print, context))
FORWARD(herr_t, H5Ewalk2, (hid_t stack, H5E_direction_t direction, H5E_walk2_t visit, void *context),
        (stack, direction, visit, context))

FORWARD(herr_t, H5Fclose, (hid_t file), (file))
FORWARD(hid_t, H5Fcreate, (const char *name, unsigned flags, hid_t creation, hid_t access),
        (name, flags, creation, access))
FORWARD(herr_t, H5Fflush, (hid_t object, H5F_scope_t scope), (object, scope))
FORWARD(hid_t, H5Fget_access_plist, (hid_t file), (file))
FORWARD(hid_t, H5Fget_create_plist, (hid_t file), (file))
FORWARD(herr_t, H5Fget_vfd_handle, (hid_t file, hid_t access, void **driver), (file, access, driver))
FORWARD(hid_t, H5Fopen, (const char *name, unsigned flags, hid_t access), (name, flags, access))

FORWARD(hid_t, H5Gcreate2, (hid_t at, const char *name, hid_t links, hid_t creation, hid_t access),
        (at, name, links, creation, access))
FORWARD(hid_t, H5Gopen2, (hid_t at, const char *name, hid_t access), (at, name, access))

FORWARD(int, H5Idec_ref, (hid_t object), (object))
FORWARD(H5I_type_t, H5Iget_type, (hid_t object), (object))

FORWARD(htri_t, H5Lexists, (hid_t at, const char *name, hid_t access), (at, name, access))
FORWARD(herr_t, H5Lget_info, (hid_t at, const char *name, H5L_info_t *link, hid_t access), (at, name, link, access))
FORWARD(herr_t, H5Lget_val, (hid_t at, const char *name, void *value, size_t size, hid_t access),
        (at, name, value, size, access))
FORWARD(herr_t, H5Literate,
        (hid_t group, H5_index_t index, H5_iter_order_t order, hsize_t *next, H5L_iterate_t visit, void *context),
        (group, index, order, next, visit, context))

FORWARD(hid_t, H5Oopen, (hid_t at, const char *name, hid_t access), (at, name, access))

FORWARD(herr_t, H5PLset_loading_state, (unsigned mask), (mask))

FORWARD(hid_t, H5Pcreate, (hid_t type), (type))
FORWARD(int, H5Pget_chunk, (hid_t list, int rank, hsize_t *shape), (list, rank, shape))
FORWARD(int, H5Pget_external_count, (hid_t list), (list))
FORWARD(H5Z_filter_t, H5Pget_filter2,
        (hid_t list, unsigned index, unsigned *flags, size_t *count, unsigned *values, size_t size, char *name,
         unsigned *configuration),
        (list, index, flags, count, values, size, name, configuration))
FORWARD(H5D_layout_t, H5Pget_layout, (hid_t list), (list))
FORWARD(int, H5Pget_nfilters, (hid_t list), (list))
FORWARD(herr_t, H5Pget_userblock, (hid_t list, hsize_t *size), (list, size))
FORWARD(herr_t, H5Pset_cache, (hid_t list, int objects, size_t slots, size_t bytes, double preemption),
        (list, objects, slots, bytes, preemption))
FORWARD(herr_t, H5Pset_chunk, (hid_t list, int rank, const hsize_t *shape), (list, rank, shape))
FORWARD(herr_t, H5Pset_deflate, (hid_t list, unsigned level), (list, level))
FORWARD(herr_t, H5Pset_fclose_degree, (hid_t list, H5F_close_degree_t degree), (list, degree))
#ifdef CHDF5_FILE_LOCKING
FORWARD(herr_t, H5Pset_file_locking, (hid_t list, hbool_t use, hbool_t ignore), (list, use, ignore))
#endif
FORWARD(herr_t, H5Pset_obj_track_times, (hid_t list, hbool_t track), (list, track))
FORWARD(herr_t, H5Pset_shuffle, (hid_t list), (list))

FORWARD(hid_t, H5Scopy, (hid_t space), (space))
FORWARD(hid_t, H5Screate, (H5S_class_t kind), (kind))
FORWARD(hid_t, H5Screate_simple, (int rank, const hsize_t *shape, const hsize_t *limit), (rank, shape, limit))
FORWARD(int, H5Sget_simple_extent_dims, (hid_t space, hsize_t *shape, hsize_t *limit), (space, shape, limit))
FORWARD(int, H5Sget_simple_extent_ndims, (hid_t space), (space))
FORWARD(H5S_class_t, H5Sget_simple_extent_type, (hid_t space), (space))
FORWARD(herr_t, H5Sselect_hyperslab,
        (hid_t space, H5S_seloper_t select, const hsize_t *start, const hsize_t *stride, const hsize_t *count,
         const hsize_t *block),
        (space, select, start, stride, count, block))

FORWARD(hid_t, H5Tcopy, (hid_t type), (type))
FORWARD(H5T_class_t, H5Tget_class, (hid_t type), (type))
FORWARD(H5T_cset_t, H5Tget_cset, (hid_t type), (type))
FORWARD(herr_t, H5Tget_fields,
        (hid_t type, size_t *sign, size_t *exponent, size_t *exponentSize, size_t *mantissa, size_t *mantissaSize),
        (type, sign, exponent, exponentSize, mantissa, mantissaSize))
FORWARD(int, H5Tget_offset, (hid_t type), (type))
FORWARD(H5T_order_t, H5Tget_order, (hid_t type), (type))
SIZE(size_t, H5Tget_precision, (hid_t type), (type))
FORWARD(H5T_sign_t, H5Tget_sign, (hid_t type), (type))
SIZE(size_t, H5Tget_size, (hid_t type), (type))
FORWARD(H5T_str_t, H5Tget_strpad, (hid_t type), (type))
FORWARD(hid_t, H5Tget_super, (hid_t type), (type))
FORWARD(htri_t, H5Tis_variable_str, (hid_t type), (type))
FORWARD(herr_t, H5Tregister, (H5T_pers_t kind, const char *name, hid_t from, hid_t to, H5T_conv_t convert),
        (kind, name, from, to, convert))
FORWARD(herr_t, H5Tset_cset, (hid_t type, H5T_cset_t set), (type, set))
FORWARD(herr_t, H5Tset_size, (hid_t type, size_t size), (type, size))
FORWARD(herr_t, H5Tset_strpad, (hid_t type, H5T_str_t padding), (type, padding))
FORWARD(herr_t, H5Tunregister, (H5T_pers_t kind, const char *name, hid_t from, hid_t to, H5T_conv_t convert),
        (kind, name, from, to, convert))

FORWARD(herr_t, H5Zregister, (const void *filter), (filter))

FORWARD(herr_t, H5dont_atexit, (void), ())
FORWARD(herr_t, H5get_libversion, (unsigned *major, unsigned *minor, unsigned *release), (major, minor, release))
FORWARD(herr_t, H5open, (void), ())

// Every variable that macros of HDF5 read for us, after a call of H5open; the library sets them there.
ID(H5P_CLS_DATASET_CREATE_ID_g)
ID(H5P_CLS_FILE_ACCESS_ID_g)
ID(H5P_CLS_FILE_CREATE_ID_g)
ID(H5P_CLS_GROUP_CREATE_ID_g)
ID(H5T_C_S1_g)
ID(H5T_IEEE_F32LE_g)
ID(H5T_IEEE_F64LE_g)
ID(H5T_NATIVE_DOUBLE_g)
ID(H5T_NATIVE_FLOAT_g)
ID(H5T_NATIVE_INT64_g)
ID(H5T_NATIVE_UINT64_g)
ID(H5T_NATIVE_UINT8_g)
ID(H5T_STD_I64LE_g)
ID(H5T_STD_U8LE_g)

#undef FORWARD
#undef SIZE
#undef ID
