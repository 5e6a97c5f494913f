/** Files that a folder brings along and nobody meant (`.DS_Store`, `Thumbs.db`, texts). */
const PICTURE_NAME = /\.(jpe?g|png|webp|gif|avif|heic|heif|tiff?|svg)$/i;

export const looksLikePicture = (file: File): boolean =>
  file.type.startsWith('image/') || PICTURE_NAME.test(file.name);

export interface GatheredFiles {
  files: File[];
  /** Files in folders that are no pictures and were left out. */
  leftOut: number;
}

/** The files of a drop or a paste, with those of dropped folders and their folders. */
export async function filesOf(transfer: DataTransfer): Promise<GatheredFiles> {
  // The entries must be taken before the first await: the browser empties the list then.
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files: File[] = [];
  let leftOut = 0;
  for (const { entry, file } of entries) {
    if (!entry?.isDirectory) {
      if (file) files.push(file);
      continue;
    }
    const inside = await filesIn(entry as FileSystemDirectoryEntry);
    const pictures = inside.filter(looksLikePicture);
    files.push(...pictures);
    leftOut += inside.length - pictures.length;
  }
  return { files, leftOut };
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  for (;;) {
    // A folder comes in portions (Chrome: 100); an empty one is the end.
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return files;
    for (const entry of portion) {
      if (entry.isDirectory) files.push(...(await filesIn(entry as FileSystemDirectoryEntry)));
      else
        files.push(
          await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
        );
    }
  }
}
