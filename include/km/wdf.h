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
#include <wdfroletypes.h>
#include <wdfsync.h>
#include <wdfverifier.h>
#include <wdfassert.h>
#include <wdfdriver.h>
#include <wdfstring.h>
#include <wdfcollection.h>
#include <wdfmemory.h>
#include <wdfregistry.h>
#include <wdfworkitem.h>
#include <wdftimer.h>
#include <wdfdpc.h>
#include <wdffileobject.h>
#include <wdfqueryinterface.h>
#include <wdfdevice.h>
#include <wdfchildlist.h>
#include <wdfpdo.h>
#include <wdffdo.h>
#include <wdfcontrol.h>
#include <wdfrequest.h>
#include <wdfiotarget.h>
#include <wdfio.h>
#include <wdfusb.h>
#include <wdfinterrupt.h>
#include <wdfresource.h>
#include <wdfdmaenabler.h>
#include <wdfdmatransaction.h>
#include <wdfcommonbuffer.h>
#include <wdfwmi.h>
#include <wdfminiport.h>

#endif
