/*
 * The Kernel-Mode Driver Framework, whole. Include wdm.h, ntddk.h or ndis.h first. KMDF_VERSION_MINOR selects the version
 * that the driver is built for (1.15 unless it says otherwise).
 */
#ifndef _WDF_H_
#define _WDF_H_

#include <wdm.h>

#include <wdftypes.h>
#include <wdfglobals.h>
#include <wdffuncenum.h>
#include <wdfstatus.h>
#include <wdfbugcodes.h>
#include <wdfcore.h>
#include <wdfobject.h>
#include <wdfsync.h>
#include <wdfverifier.h>
#include <wdfassert.h>
#include <wdfdriver.h>
#include <wdfstring.h>
#include <wdfcollection.h>
#include <wdfmemory.h>
#if __has_include(<wdfregistry.h>)
#include <wdfregistry.h>
#endif
#if __has_include(<wdfworkitem.h>)
#include <wdfworkitem.h>
#endif
#if __has_include(<wdftimer.h>)
#include <wdftimer.h>
#endif
#if __has_include(<wdfdpc.h>)
#include <wdfdpc.h>
#endif
#if __has_include(<wdffileobject.h>)
#include <wdffileobject.h>
#endif
#if __has_include(<wdfqueryinterface.h>)
#include <wdfqueryinterface.h>
#endif
#if __has_include(<wdfdevice.h>)
#include <wdfdevice.h>
#endif
#if __has_include(<wdfchildlist.h>)
#include <wdfchildlist.h>
#endif
#if __has_include(<wdfpdo.h>)
#include <wdfpdo.h>
#endif
#if __has_include(<wdffdo.h>)
#include <wdffdo.h>
#endif
#if __has_include(<wdfcontrol.h>)
#include <wdfcontrol.h>
#endif
#if __has_include(<wdfrequest.h>)
#include <wdfrequest.h>
#endif
#if __has_include(<wdfiotarget.h>)
#include <wdfiotarget.h>
#endif
#if __has_include(<wdfio.h>)
#include <wdfio.h>
#endif
#if __has_include(<wdfusb.h>)
#include <wdfusb.h>
#endif
#if __has_include(<wdfinterrupt.h>)
#include <wdfinterrupt.h>
#endif
#if __has_include(<wdfresource.h>)
#include <wdfresource.h>
#endif
#if __has_include(<wdfdmaenabler.h>)
#include <wdfdmaenabler.h>
#endif
#if __has_include(<wdfdmatransaction.h>)
#include <wdfdmatransaction.h>
#endif
#if __has_include(<wdfcommonbuffer.h>)
#include <wdfcommonbuffer.h>
#endif
#if __has_include(<wdfwmi.h>)
#include <wdfwmi.h>
#endif
#if __has_include(<wdfminiport.h>)
#include <wdfminiport.h>
#endif
#if __has_include(<wdfcx.h>)
#include <wdfcx.h>
#endif
#if __has_include(<wdfcompaniontarget.h>)
#include <wdfcompaniontarget.h>
#endif

#endif
