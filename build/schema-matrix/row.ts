/** One construct of a schema language, as the field `a` of an answer. */
export interface Row {
  /** As it is written. */
  text: string;
  schema: unknown;
  /** What a model may write for it; absent where the construct is refused. */
  written?: unknown;
  /** What is stored then; the same as what was written unless said otherwise. */
  stored?: unknown;
  /** A model can only know the rule from the prompt, as the API leaves it out. */
  byPrompt?: boolean;
}
