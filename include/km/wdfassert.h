/*
 * Assertions that stay in release builds and stop only when the driver's registry values ask for it.
 * "WDFVERIFY macro", "VERIFY_IS_IRQL_PASSIVE_LEVEL macro"
 */
#ifndef _WDFASSERT_H_
#define _WDFASSERT_H_

#include <wdfdriver.h>
#include <wdfverifier.h>

#define WDFVERIFY(exp)                                                                                                 \
    do {                                                                                                               \
        if ((WdfDriverGlobals->DriverFlags & WdfVerifyOn) && !(exp)) {                                                 \
            DbgPrint("WDFVERIFY(%s) failed in %s, line %d\n", #exp, __FILE__, __LINE__);                               \
            WdfVerifierDbgBreakPoint();                                                                                \
        }                                                                                                              \
    } while (0)

#define VERIFY_IS_IRQL_PASSIVE_LEVEL()                                                                                 \
    do {                                                                                                               \
        if (KeGetCurrentIrql() > PASSIVE_LEVEL) {                                                                      \
            WdfVerifierDbgBreakPoint();                                                                                \
        }                                                                                                              \
    } while (0)

#endif
