# The script that people come from, kept warm: a line with an input and an output path in, a line of JSON out. With a third
# path and a size, the picture without loss is written there, its long side that size.
import json
import resource
import sys
import time

from PIL import Image

LONG_SIDE = 2048


def shrink(path, long_side=LONG_SIDE):
    image = Image.open(path)
    if image.mode != "RGB":
        image = image.convert("RGB")
    scale = min(1.0, long_side / max(image.size))
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS)


for line in sys.stdin:
    source, target, reference, long_side = line.rstrip("\n").split("\t")
    cpu, wall = time.process_time(), time.perf_counter()
    small = shrink(source)
    small.save(target, "JPEG", quality=85, optimize=True)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if reference:
        shrink(source, int(long_side)).save(reference, "PNG", compress_level=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpuMs": cpu * 1000, "wallMs": wall * 1000, "peakMiB": peak}), flush=True)
