import type protobuf from 'protobufjs';

/** One `google.api.http` annotation: how a method is called over HTTP. */
export interface HttpRule {
  readonly method: string;
  /** Field of the request that the body is; '*' = the request itself; absent = there is no body. */
  readonly body?: string;
  /** Values of the fields that the path holds, by their path in the request; undefined when the path is another. */
  match(path: string): Record<string, string> | undefined;
}

type Annotation = { body?: string; additional_bindings?: Annotation | Annotation[] } & Partial<
  Record<'get' | 'put' | 'post' | 'delete' | 'patch', string>
>;

const VERBS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** https://github.com/googleapis/googleapis/blob/master/google/api/http.proto */
export function httpRules(method: protobuf.Method): HttpRule[] {
  const parsed = (method.parsedOptions ?? []) as Record<string, Annotation>[];
  const annotation = parsed.map((option) => option['(google.api.http)']).find((one) => one !== undefined);
  return annotation ? rulesOf(annotation) : [];
}

function rulesOf(annotation: Annotation): HttpRule[] {
  const verb = VERBS.find((one) => annotation[one] !== undefined);
  const more = [annotation.additional_bindings ?? []].flat().flatMap(rulesOf);
  if (!verb) return more;
  const match = pathMatcher(annotation[verb] ?? '');
  const { body } = annotation;
  return [{ method: verb.toUpperCase(), match, ...(body === undefined ? {} : { body }) }, ...more];
}

/** A template holds the request's fields in braces, each with the shape of its value: one segment unless it says more. */
function pathMatcher(template: string): HttpRule['match'] {
  const fields: string[] = [];
  const pattern = template.replace(
    /\{([^=}]+)(?:=([^}]+))?\}|[^{]+/g,
    (part, field?: string, shape = '*') => {
      if (field === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      fields.push(field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
      return `(${shapePattern(shape)})`;
    },
  );
  const whole = new RegExp(`^${pattern}$`);
  return (path) => {
    const found = whole.exec(path);
    if (!found) return undefined;
    return Object.fromEntries(fields.map((field, i) => [field, decodeSegments(found[i + 1] ?? '')]));
  };
}

/** `*` is one segment, `/**` any number of them, none included. A colon ends a path: what follows is a verb. */
const shapePattern = (shape: string): string =>
  shape.replace(/\/\*\*|\*|[.+?^${}()|[\]\\]/g, (part) =>
    part === '/**' ? '(?:/[^:]*)?' : part === '*' ? '[^/:]+' : `\\${part}`,
  );

const decodeSegments = (path: string): string => path.split('/').map(decodeURIComponent).join('/');
