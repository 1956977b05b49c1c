"""The fast wire of load: HTTP/1.1 and WebSocket by hand on asyncio protocols, one callback a read, no task a device."""
