import { invalidArgument } from '../rpc/status.ts';
import { checkDocumentSize } from './document-size.ts';
import type { StoredDocument } from './documents.ts';
import { getField, parseFieldPath, withField } from './fields.ts';
import { checkIndexEntries } from './index-limits.ts';
import type { CompositeIndex } from './indexes.ts';
import { documentPath } from './names.ts';
import { checkPrecondition } from './preconditions.ts';
import { transformField } from './transforms.ts';
import { decodeFields, encodeValue } from './value-codec.ts';
import { identicalValues, type MapValue } from './values.ts';
import { toWireTime, type WireTransform, type WireWrite, type WireWriteResult } from './wire.ts';

/** The documents as the writes before this one in the same commit left them. */
interface Stage {
  readonly database: string;
  /** Microseconds. */
  readonly commitTime: number;
  /** The composite indexes of the database. */
  readonly indexes: readonly CompositeIndex[];
  get(path: string): StoredDocument | undefined;
  set(path: string, document: StoredDocument | undefined): void;
}

/** Carries out one write on the stage. Throws when its precondition does not hold or it is malformed. */
export function stageWrite(write: WireWrite, stage: Stage): WireWriteResult {
  const path = documentPath(stage.database, targetName(write));
  const current = stage.get(path);
  checkPrecondition(write.currentDocument, current, stage.database, path);
  if (write.delete !== undefined) {
    stage.set(path, undefined);
    return {};
  }
  const { fields, results } = transformFields(write, updatedFields(write, current), stage.commitTime);
  checkIndexEntries(path, fields, checkDocumentSize(path, fields), stage.indexes);
  const next = nextVersion(path, current, fields, stage.commitTime);
  stage.set(path, next);
  const result: WireWriteResult = { updateTime: toWireTime(next.updateTime) };
  if (results.length > 0) result.transformResults = results;
  return result;
}

function targetName(write: WireWrite): string {
  const name = write.update?.name ?? write.delete ?? write.transform?.document;
  if (name === undefined) throw invalidArgument('A write has no operation.');
  return name;
}

function updatedFields(write: WireWrite, current: StoredDocument | undefined): MapValue {
  if (!write.update) return current?.fields ?? {};
  const given = decodeFields(write.update.fields);
  if (!write.updateMask) return given;
  let fields = current?.fields ?? {};
  for (const text of write.updateMask.fieldPaths ?? []) {
    const path = parseFieldPath(text);
    fields = withField(fields, path, getField(given, path));
  }
  return fields;
}

function transformFields(write: WireWrite, updated: MapValue, commitTime: number) {
  const transforms: WireTransform[] = write.updateTransforms ?? write.transform?.fieldTransforms ?? [];
  let fields = updated;
  const results = transforms.map((transform) => {
    const path = parseFieldPath(transform.fieldPath);
    const { value, result } = transformField(transform, getField(fields, path), commitTime);
    fields = withField(fields, path, value);
    return encodeValue(result);
  });
  return { fields, results };
}

/** A write that changes nothing keeps the update time: a later compare-and-set on the old one succeeds. */
function nextVersion(
  path: string,
  current: StoredDocument | undefined,
  fields: MapValue,
  commitTime: number,
): StoredDocument {
  if (current && identicalValues(current.fields, fields)) return current;
  return { path, fields, createTime: current?.createTime ?? commitTime, updateTime: commitTime };
}
