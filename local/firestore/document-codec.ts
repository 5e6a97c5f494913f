import type { StoredDocument } from './documents.ts';
import { project } from './fields.ts';
import { documentName } from './names.ts';
import { encodeFields } from './value-codec.ts';
import { toWireTime, type WireDocument } from './wire.ts';

export function encodeDocument(database: string, document: StoredDocument, mask?: string[][]): WireDocument {
  return {
    name: documentName(database, document.path),
    fields: encodeFields(project(document.fields, mask)),
    createTime: toWireTime(document.createTime),
    updateTime: toWireTime(document.updateTime),
  };
}
