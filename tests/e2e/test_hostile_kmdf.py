"""The same hostile devices under the driver with the framework at its lower edge: what differs there is how requests are
sent, so these are the faults of transfers, of descriptors, and of leaving at any moment."""
from e2e import finish
from hostile import Device, run_all

ncm, ecm, rndis = (Device(name, "usbnet-kmdf") for name in ("ncm", "ecm", "rndis"))
GET_NTB_PARAMETERS = 0x180

jobs = [(ncm.refused, f"ignore-request={GET_NTB_PARAMETERS}", "0"), (ncm.refused, f"stall-request={GET_NTB_PARAMETERS}")]
jobs += [(ncm.refused, f"descriptor-fault={fault}") for fault in range(1, 19)]
jobs += [(device.gets_address, f"stall-{direction}-at={at}")
         for device in (ncm, rndis) for direction in ("in", "out") for at in (1, 2, 3)]
jobs += [(ncm.gets_address, options) for options in ("speed=full", "speed=super", "composite=1", "delay=20000")]
jobs += ncm.removals(range(1, 41)) + ecm.removals(range(2, 40, 6)) + rndis.removals(range(2, 60, 6))
run_all(jobs)
finish()
