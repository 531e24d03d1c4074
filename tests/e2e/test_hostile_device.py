"""A device that lies, stalls, or leaves at any moment: a clear end each time, never a hang, a leak or a crash."""
from e2e import finish
from hostile import Device, run_all

# Class requests of NCM 1.0 that the driver makes before the adapter is up.
START_REQUESTS = {"GET_NTB_PARAMETERS": 0x180, "SET_NTB_FORMAT": 0x184, "SET_NTB_INPUT_SIZE": 0x186,
                  "SET_MAX_DATAGRAM_SIZE": 0x188, "SET_CRC_MODE": 0x18A}
# Sound devices of unusual shape.
UNUSUAL = ["speed=full", "speed=super", "ntb32=0", "composite=1", "ntb-in-size=2048,ntb-out-size=2048",
           "out-divisor=32,out-remainder=6,out-alignment=16", "in-divisor=64,in-remainder=3,in-alignment=32",
           "ntb-out-datagrams=1", "crc-mode=0,net-address=0,max-datagram-size=0,packet-filter=0",
           "duplicate-notifications=3", "delay=20000"]

ncm = Device("ncm")
# The driver's deadline for control requests ends a start that would hang.
jobs = [(ncm.refused, f"ignore-request={START_REQUESTS['GET_NTB_PARAMETERS']}", "0")]
jobs += [(ncm.gets_address, options) for options in UNUSUAL]
jobs += [(ncm.gets_address, "ntb32=1", "--set", "NtbFormat=32")]
jobs += [(ncm.refused, f"descriptor-fault={fault}") for fault in range(1, 19)]
jobs += [(ncm.stays_up, f"ntb-fault={fault}") for fault in range(1, 23)]
jobs += [(ncm.refused, f"stall-request={code}") for code in START_REQUESTS.values()]
jobs += [(ncm.ends, f"short-request={code}") for code in START_REQUESTS.values()]
jobs += [(ncm.gets_address, f"stall-{direction}-at={at}") for direction in ("in", "out") for at in (1, 2, 3)]
jobs += ncm.removals([*range(1, 41), 45, 50, 60, 80])
run_all(jobs)
finish()
