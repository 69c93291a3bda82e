"""AutoPay central, a gateway (OPG) and the banks behind it, as one program of its own.

The other side of docs/gateway-protocol.md: it shares no code with the console, so that the two can only agree
where both follow the written protocol and the official schemas. Start it with `python -m integration.sandbox`;
docs/sandbox.md tells how to steer it.
"""
