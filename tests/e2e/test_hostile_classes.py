"""ECM and Remote NDIS devices that lie, stall, or leave at any moment; and sound ones of unusual shape."""
from e2e import finish
from hostile import Device, run_all

ecm, rndis = Device("ecm"), Device("rndis")
NOT_OF_ECM = {14}               # the NCM functional descriptor
NOT_OF_RNDIS = {14, 15, 16, 18}  # that, Ethernet's, and the MAC address string; and Union may be missing
BLOCK_SHAPES = range(18, 22)     # cut off, one byte, empty, garbage
# Of enum gadget_rndis_fault: those that a driver must live with, those that it must refuse, and packet messages.
TOLERATED, REFUSED, MESSAGES = (1, 2, 3, 12), (5, 6, 7, 8, 9, 10, 11, 13), range(14, 27)
SEND_ENCAPSULATED_COMMAND, GET_ENCAPSULATED_RESPONSE = 0x100, 0x101

# Each of these two waits for an answer until its time is up.
jobs = [(rndis.refused, "rndis-fault=4", "0"), (rndis.refused, f"stall-request={GET_ENCAPSULATED_RESPONSE}", "0")]
jobs += [(rndis.refused, f"rndis-fault={fault}", "0") for fault in REFUSED]
jobs += [(rndis.gets_address, f"rndis-fault={fault}") for fault in TOLERATED]
jobs += [(rndis.stays_up, f"rndis-fault={fault}") for fault in MESSAGES]
jobs += [(rndis.refused, f"stall-request={SEND_ENCAPSULATED_COMMAND}")]
for device in (ecm, rndis):
    jobs += [(device.gets_address, options)
             for options in ("speed=full", "speed=super", "composite=1", "duplicate-notifications=3", "delay=20000",
                             "max-segment=600")]
    jobs += [(device.gets_address, f"stall-{direction}-at={at}") for direction in ("in", "out") for at in (1, 2, 3)]
    jobs += device.removals([*range(1, 41, 2), 50, 60, 80])
jobs += [(ecm.gets_address, "packet-filter=0"), (rndis.gets_address, "rndis-info=1")]
jobs += [(rndis.gets_address, f"descriptor-fault={fault}") for fault in sorted(NOT_OF_RNDIS)]
jobs += [(rndis.refused, f"descriptor-fault={fault}") for fault in range(1, 19) if fault not in NOT_OF_RNDIS]
jobs += [(ecm.refused, f"descriptor-fault={fault}") for fault in range(1, 19) if fault not in NOT_OF_ECM]
jobs += [(ecm.stays_up, f"ntb-fault={fault}") for fault in BLOCK_SHAPES]
run_all(jobs)
finish()
