"""Reads the run file of W&B's offline mode, whose package has only a writer in Python."""

import json
import struct

MAGIC = b":W&B"
HEADER = 7  # of the file, and of each of the LevelDB log records that follow: crc, length, kind
BLOCK = 32768
FULL, FIRST, MIDDLE, LAST = range(1, 5)


def history(path):
    """Every metric of a run file ``run-ID.wandb`` with its values in the order of logging."""
    from wandb.proto.wandb_internal_pb2 import Record

    found = {}
    for data in records(path.read_bytes()):
        for item in Record.FromString(data).history.item:
            key = item.key or ".".join(item.nested_key)
            found.setdefault(key, []).append(json.loads(item.value_json))
    return found


def records(data):
    """The records of the log, those put together that span several blocks of the file."""
    assert data.startswith(MAGIC)
    place, parts = HEADER, []
    while place + HEADER <= len(data):
        left = BLOCK - place % BLOCK
        if left < HEADER:  # padding: no record's header fits
            place += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        assert kind in (FULL, FIRST, MIDDLE, LAST), f"{kind} at byte {place}"
        parts.append(data[place + HEADER : place + HEADER + length])
        place += HEADER + length
        if kind in (FULL, LAST):
            yield b"".join(parts)
            parts = []
