"""From upload to release: sealed, signed by enough people, or amended and cancelled."""
