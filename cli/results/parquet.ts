import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column, ColumnType } from './columns.ts';

/** The names of https://github.com/apache/parquet-format/blob/master/LogicalTypes.md in the older form that all readers know. */
const ELEMENTS = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Record<ColumnType, { type: string; converted_type?: string }>;

/** Rows of one group, the unit that is held in memory. */
const GROUP_ROWS = 5_000;

/** A Parquet file that is written as rows come; every column has a type of its own and may be empty in any row. */
export class ParquetFile {
  readonly #writer: ParquetWriter;
  readonly #columns: readonly Column[];
  #rows: (readonly unknown[])[] = [];

  constructor(path: string, columns: readonly Column[]) {
    this.#columns = columns;
    this.#writer = new ParquetWriter({
      writer: fileWriter(path),
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type }) => ({
          name,
          repetition_type: 'OPTIONAL' as const,
          ...ELEMENTS[type],
        })),
      ],
      createdBy: 'gemini-image-pipeline',
    });
  }

  async add(row: readonly unknown[]): Promise<void> {
    this.#rows.push(row);
    if (this.#rows.length >= GROUP_ROWS) await this.#flush();
  }

  /** The file is whole when this has resolved. */
  async finish(): Promise<void> {
    if (this.#rows.length > 0) await this.#flush();
    await this.#writer.finish();
  }

  async #flush(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    const columnData = this.#columns.map(({ name, type }, index) => ({
      name,
      data: rows.map((row) => cellOf(row[index], type)),
    }));
    await this.#writer.write({ columnData });
  }
}

/** Null where there is nothing, or something else than the column holds: an answer of an older version of its profile. */
function cellOf(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'json':
      return JSON.stringify(value);
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'integer':
      return Number.isSafeInteger(value) ? BigInt(value as number) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'time':
      return new Date(String(value));
  }
}
