import type { ResultDocument } from '../../shared/results/document.ts';
import { pictureKey } from './population.ts';

/** What analyze-image said about each image, by the id of its result. */
export class Journal {
  readonly #lines = new Map<string, string[]>();

  note(line: string): void {
    const [, event] = /"message":"(analyze\.[a-z-]+|claim\.kept)"/.exec(line) ?? [];
    const [, id] = /"id":"([0-9a-f]{32})"/.exec(line) ?? [];
    if (!event || !id) return;
    const [, at] = /"time":"([^"]+)"/.exec(line) ?? [];
    const [, code] = /"code":"([A-Z_]+)"/.exec(line) ?? [];
    this.#lines.set(id, [...(this.#lines.get(id) ?? []), `${at} ${event}${code ? ` ${code}` : ''}`]);
  }

  /** How often a result was stored. */
  stored(id: string): number {
    return (this.#lines.get(id) ?? []).filter((line) => /analyze\.(done|repeated)/.test(line)).length;
  }

  /** What was said about the image that a picture of this size is of. */
  byPicture(results: ReadonlyMap<string, ResultDocument>): (picture: string) => string {
    const ids = new Map(
      [...results].flatMap(([id, { prepared }]) => (prepared ? [[pictureKey(prepared), id] as const] : [])),
    );
    return (picture) => (this.#lines.get(ids.get(picture) ?? '') ?? []).join('; ');
  }
}
