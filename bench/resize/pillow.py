# The script that people come from, kept warm: a line of JSON with a source and a target in, one with its cost out. With
# `reference` and `longSide`, the picture without loss is written there, its long side that size. With `careful`, both are
# turned upright and converted to sRGB, which the script does not do; `crop` keeps that many columns and rows.
import io
import json
import sys
import time

from PIL import Image, ImageCms, ImageOps

LONG_SIDE = 2048


def careful(image, crop):
    if crop:
        image = image.crop((0, 0, crop[0], crop[1]))
    profile = image.info.get("icc_profile")
    if profile and image.mode == "RGB":
        image = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), renderingIntent=0
        )
    return image


def shrink(order, long_side=LONG_SIDE):
    image = Image.open(order["source"])
    orientation = image.getexif().get(0x0112, 1)
    if order.get("careful"):
        image = careful(image, order.get("crop"))
    if image.mode != "RGB":
        image = image.convert("RGB")
    scale = min(1.0, long_side / max(image.size))
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS)
    if order.get("careful"):
        image.getexif()[0x0112] = orientation
        image = ImageOps.exif_transpose(image)
    return image


for line in sys.stdin:
    order = json.loads(line)
    cpu, wall = time.process_time(), time.perf_counter()
    shrink(order).save(order["target"], "JPEG", quality=85, optimize=True)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if order.get("reference"):
        shrink(order, order["longSide"]).save(order["reference"], "PNG", compress_level=1)
    print(json.dumps({"cpuMs": cpu * 1000, "wallMs": wall * 1000}), flush=True)
