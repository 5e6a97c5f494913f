/** What one setting becomes: taken over, replaced by something else, without a counterpart, or of no known extension. */
export type Fate = 'kept' | 'changed' | 'dropped' | 'unknown';

export interface Note {
  setting: string;
  fate: Fate;
  /** One or two sentences; never the value of a secret. */
  text: string;
}

/** Everything that the settings ask for, before it is written to files. Undefined is the pipeline's default. */
export interface Plan {
  region?: string;
  backend?: 'developer' | 'vertex';
  /** Where Vertex AI is called. */
  modelLocation?: string;
  resizeMemoryMb?: number;
  uploadsRetentionDays?: number;
  prompt?: string;
  answerField?: string;
  /** The answer is a yes or no with a reason. */
  isFilter?: boolean;
  model?: string;
  maxSide?: number;
  maxOutputTokens?: number;
}

/** How one setting changes the plan; the text says what it becomes. An empty value never gets here. */
export type Rule = (value: string, plan: Plan) => Omit<Note, 'setting'>;

export type Rules = Readonly<Record<string, Rule>>;

export const kept = (text: string): Omit<Note, 'setting'> => ({ fate: 'kept', text });
export const changed = (text: string): Omit<Note, 'setting'> => ({ fate: 'changed', text });
export const dropped = (text: string): Omit<Note, 'setting'> => ({ fate: 'dropped', text });

/** A setting without a counterpart, whatever its value. */
export const without =
  (text: string): Rule =>
  () =>
    dropped(text);

/** Values that mean "off" or "as usual" need no word on how to do without. */
export const unless =
  (usual: readonly string[], rule: Rule): Rule =>
  (value, plan) =>
    usual.includes(value) ? kept('As usual; nothing to do.') : rule(value, plan);

export const location: Rule = (value, plan) => {
  plan.region = value;
  return kept(`region = "${value}": buckets, topics and functions are all there.`);
};
