import type { Service } from './call.ts';
import { invalid } from './errors.ts';
import { checkObjectName } from './object-names.ts';
import type { ObjectAddress } from './object-store.ts';
import { checkPreconditions, type Preconditions } from './preconditions.ts';
import { fieldsFrom } from './resource.ts';
import type { ObjectFields, StoredObject } from './stored-object.ts';

/** https://cloud.google.com/storage/docs/composite-objects */
const MAX_COMPONENTS = 32;

interface CopyRequest {
  source: ObjectAddress;
  sourceConditions: Preconditions;
  target: { bucket: string; name: string };
  conditions: Preconditions;
  /** The request's JSON: any writable field in it replaces all of the source's, as production does. */
  resource: Record<string, unknown>;
}

/** A new generation with the same bytes; the bytes are linked, not copied. @throws StorageError 404, 412 */
export async function copyObject(service: Service, copy: CopyRequest): Promise<StoredObject> {
  const source = service.store.get(copy.source);
  checkPreconditions(copy.sourceConditions, source, 'write');
  service.store.buckets.get(copy.target.bucket);
  const name = checkObjectName(copy.target.name);
  const { storageClass, ...given } = fieldsFrom(copy.resource);
  const { storageClass: _, temporaryHold: __, eventBasedHold: ___, ...inherited } = source.fields;
  const fields: ObjectFields = {
    ...(Object.keys(given).length > 0 ? { ...onlyType(source), ...given } : inherited),
    ...(storageClass === undefined ? {} : { storageClass }),
  };
  const { size, crc32c, md5, componentCount } = source;
  const contentId = await service.contents.duplicate(source.contentId);
  const content = { contentId, size, crc32c, ...(md5 === undefined ? {} : { md5 }) };
  try {
    return service.store.insert(
      {
        bucket: copy.target.bucket,
        name,
        content,
        fields,
        ...(componentCount === undefined ? {} : { componentCount }),
      },
      copy.conditions,
    );
  } catch (error) {
    await service.contents.remove(contentId);
    throw error;
  }
}

/** A new name for the same bytes: the old one is gone in the same step. @throws StorageError 400, 403, 404, 412 */
export async function moveObject(
  service: Service,
  { source, sourceConditions, target, conditions }: Omit<CopyRequest, 'resource'>,
): Promise<StoredObject> {
  const object = service.store.get(source);
  const name = checkObjectName(target.name);
  if (name === source.name) throw invalid('An object cannot be moved onto itself.');
  const contentId = await service.contents.duplicate(object.contentId);
  const { size, crc32c, md5, componentCount, fields } = object;
  const content = { contentId, size, crc32c, ...(md5 === undefined ? {} : { md5 }) };
  try {
    return service.store.move(
      { address: source, conditions: sourceConditions },
      { bucket: target.bucket, name, content, fields, ...(componentCount ? { componentCount } : {}) },
      conditions,
    );
  } catch (error) {
    await service.contents.remove(contentId);
    throw error;
  }
}

const onlyType = ({ fields }: StoredObject): ObjectFields =>
  fields.contentType === undefined ? {} : { contentType: fields.contentType };

/** Joins up to 32 objects of one bucket into one. The result has a CRC32C but no MD5. @throws StorageError 400, 404, 412 */
export async function composeObject(
  service: Service,
  target: { bucket: string; name: string },
  conditions: Preconditions,
  body: Record<string, unknown>,
): Promise<StoredObject> {
  const { store, contents } = service;
  const name = checkObjectName(target.name);
  const sources = sourceAddresses(target.bucket, body).map((address) => store.get(address));
  const writer = await contents.write();
  try {
    for (const { contentId } of sources) {
      const handle = await contents.open(contentId);
      for await (const chunk of handle.createReadStream()) await writer.write(chunk as Buffer);
    }
    const { md5: _, ...content } = await contents.finish(writer);
    const fields = fieldsFrom(body['destination'] instanceof Object ? { ...body['destination'] } : {});
    const componentCount = sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0);
    return store.insert({ bucket: target.bucket, name, content, fields, componentCount }, conditions);
  } catch (error) {
    await contents.discard(writer);
    await contents.remove(writer.contentId);
    throw error;
  }
}

function sourceAddresses(bucket: string, body: Record<string, unknown>): ObjectAddress[] {
  const list: unknown[] = Array.isArray(body['sourceObjects']) ? body['sourceObjects'] : [];
  if (list.length === 0 || list.length > MAX_COMPONENTS) {
    throw invalid(`Between 1 and ${MAX_COMPONENTS} source objects are needed; ${list.length} were given.`);
  }
  return list.map((entry) => {
    const { name, generation } = entry as { name?: string; generation?: string };
    return { bucket, name: checkObjectName(name), ...(generation ? { generation: Number(generation) } : {}) };
  });
}
