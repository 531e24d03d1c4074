/*
 * Structured exception handling: filter values and what a language handler returns. __try is a keyword of the compiler
 * when it builds a PE driver; drivers in ELF form have no structured exceptions.
 */
#ifndef _NDISKIT_EXCPT_
#define _NDISKIT_EXCPT_

#include "kmcompat.h"

typedef enum _EXCEPTION_DISPOSITION {
    ExceptionContinueExecution,
    ExceptionContinueSearch,
    ExceptionNestedException,
    ExceptionCollidedUnwind
} EXCEPTION_DISPOSITION;

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#ifdef _MSC_VER
#ifndef __clang__
unsigned long _exception_code(void);
void *_exception_info(void);
int _abnormal_termination(void);
#endif
#define GetExceptionCode        _exception_code
#define exception_code          _exception_code
#define GetExceptionInformation (struct _EXCEPTION_POINTERS *)_exception_info
#define exception_info          (struct _EXCEPTION_POINTERS *)_exception_info
#define AbnormalTermination     _abnormal_termination
#define abnormal_termination    _abnormal_termination
#endif

#endif
