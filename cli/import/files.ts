import type { Note, Plan } from './plan.ts';

/** Pixels; enough for labels and text. */
const DEFAULT_SIDE = 2_048;
const DEFAULT_PROMPT =
  'Describe the picture for someone who cannot see it, and copy the text that can be read in it.';
const DEFAULT_OUTPUT_TOKENS = 2_048;

/** Text as a literal of TypeScript. */
const literal = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

/** Text as a literal of Terraform, where `${` and `%{` would begin a template. */
const hcl = (text: string): string => JSON.stringify(text).replace(/[$%](?=\{)/g, '$&$&');

/** A comment of lines `sign text`, whatever the text holds. */
const commented = (sign: string, notes: readonly Note[]): string =>
  notes.map(({ setting, text }) => `${sign} ${setting}: ${text.replace(/\s+/g, ' ')}`).join('\n');

/** `terraform.tfvars`: what the settings say about the deployment; the rest stands as a note. */
export function terraformVariables(plan: Plan, notes: readonly Note[]): string {
  const gemini = [
    plan.backend === undefined ? [] : [`backend = ${hcl(plan.backend)}`],
    plan.modelLocation === undefined ? [] : [`location = ${hcl(plan.modelLocation)}`],
  ].flat();
  const lines = [
    'project = "" # your Google Cloud project',
    ...(plan.region === undefined ? [] : [`region = ${hcl(plan.region)}`]),
    ...(gemini.length === 0 ? [] : [`gemini = { ${gemini.join(', ')} }`]),
    ...(plan.resizeMemoryMb === undefined ? [] : [`resize = { memory_mb = ${plan.resizeMemoryMb} }`]),
    ...(plan.uploadsRetentionDays === undefined
      ? []
      : [`retention_days = { uploads = ${plan.uploadsRetentionDays} }`, 'delete_with_upload = false']),
  ];
  return `${lines.join('\n')}\n\n# What became of the settings:\n${commented('#', notes)}\n`;
}

/** `<name>.ts` for shared/profiles: what is asked, and the form of the answer. */
export function profileSource(name: string, plan: Plan): string {
  const fields = plan.isFilter ? filterFields() : textFields(plan.answerField ?? 'text');
  return `import { z } from 'zod';
import { type AnswerOf, defineProfile } from './define.ts';
import { STANDARD_LADDER } from './standard-ladder.ts';

/** Imported from the settings of a Firebase extension. */
export const ${identifier(name)} = defineProfile({
  name: ${literal(name)},
  version: 1,
  prompt: ${literal(plan.prompt ?? DEFAULT_PROMPT)},
  schema: z.object({
${fields.map((field) => `    ${field},`).join('\n')}
    confidence: z.number().min(0).max(1).describe('how sure you are of the answer'),
  }),
  maxSide: ${plan.maxSide ?? DEFAULT_SIDE},
  ladder: ${ladder(plan)},
  minConfidence: 0.5,
  cacheTtlHours: 24,
});

export type ${capitalized(identifier(name))} = AnswerOf<typeof ${identifier(name)}>;
`;
}

const textFields = (field: string): string[] => [
  `${/^[A-Za-z_]\w*$/.test(field) ? field : literal(field)}: z.string().max(8000).describe('the answer to the question')`,
];

const filterFields = (): string[] => [
  "passes: z.boolean().describe('true when the picture may be shown')",
  "reason: z.string().max(300).describe('one sentence that names what was seen')",
];

function ladder({ model, maxOutputTokens }: Plan): string {
  if (model === undefined && maxOutputTokens === undefined) return 'STANDARD_LADDER';
  const models = model === undefined ? 'STANDARD_LADDER[0].models' : `[${literal(model)}]`;
  const tokens = maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS;
  return `[\n    { ...STANDARD_LADDER[0], models: ${models}, maxOutputTokens: ${tokens} },\n    ...STANDARD_LADDER.slice(1),\n  ]`;
}

/** `shelf-labels` as `shelfLabels`. */
export const identifier = (name: string): string =>
  name.replace(/-+(\w)?/g, (_all, letter?: string) => letter?.toUpperCase() ?? '');

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
