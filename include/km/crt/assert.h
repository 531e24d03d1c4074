/*
 * Compile-time assertions by C's name.
 */
#ifndef _NDISKIT_CRT_ASSERT_
#define _NDISKIT_CRT_ASSERT_

#ifndef __cplusplus
#define static_assert _Static_assert
#endif

#endif
