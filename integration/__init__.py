"""Everything outside: queue, gateway, channels, files, health."""
