"""The ordinary commands of gcsfs: write, list, read, copy, move, synchronize, remove."""

import os
import tempfile

import gcsfs
from fsspec.generic import rsync

fs = gcsfs.GCSFileSystem()
large = os.urandom(12_000_000)

fs.mkdir("shelves", location="EU")
fs.pipe({"shelves/a/one.txt": b"one", "shelves/a/b c/#[1].txt": b"two"})
with fs.open("shelves/a/large.bin", "wb", block_size=5 * 2**20) as file:
    file.write(large)
print("found", fs.find("shelves"))
print("found", fs.glob("shelves/**/*.txt"))
print("read", fs.cat("shelves/a/one.txt"), fs.cat_file("shelves/a/b c/#[1].txt", start=1, end=3))
with fs.open("shelves/a/large.bin", "rb") as file:
    file.seek(11_000_000)
    print("large", fs.size("shelves/a/large.bin"), file.read(9) == large[11_000_000:11_000_009])

fs.cp("shelves/a", "shelves/copied", recursive=True)
fs.mv("shelves/copied", "shelves/moved", recursive=True)
fs.mv("shelves/a/one.txt", "uploads/gcsfs/one.txt")
print("moved", fs.find("shelves/moved"), fs.exists("shelves/copied"), fs.cat("uploads/gcsfs/one.txt"))

with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "new.txt"), "w") as file:
        file.write("new")
    fs.put(folder, "shelves/put", recursive=True)
    rsync(f"file://{folder}", "gcs://shelves/synchronized")
    fs.get("shelves/put", os.path.join(folder, "back"), recursive=True)
    with open(os.path.join(folder, "back", "new.txt")) as file:
        print("back", file.read(), fs.find("shelves/synchronized"))

fs.rm("shelves/moved/one.txt")
fs.rm("shelves", recursive=True)
fs.invalidate_cache()
print("left", fs.exists("shelves"), fs.exists("uploads"))
