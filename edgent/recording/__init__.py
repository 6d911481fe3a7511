"""What a device did, answer by answer: lines of JSON that `edgent-device --record` writes."""
