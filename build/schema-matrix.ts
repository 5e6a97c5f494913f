import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { matrixDocument } from './schema-matrix/matrix.ts';

export const MATRIX_FILE = fileURLToPath(new URL('../docs/schemas.md', import.meta.url));

if (import.meta.main) await writeFile(MATRIX_FILE, matrixDocument());
