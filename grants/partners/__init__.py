"""Partner search: organisations and people offer or seek partners for a topic, and write without addresses."""
