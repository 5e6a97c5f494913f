import { stringify } from 'yaml';
import { nameObjection } from '../../shared/profiles/schema/field-names.ts';
import { STANDARD_LADDER } from '../../shared/profiles/standard-ladder.ts';
import type { Note, Plan } from './plan.ts';

/** Pixels; enough for labels and text. */
const DEFAULT_SIDE = 2_048;
const DEFAULT_PROMPT =
  'Describe the picture for someone who cannot see it, and copy the text that can be read in it.';
const DEFAULT_OUTPUT_TOKENS = 2_048;

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

/** `<name>.yaml` for the folder `profiles`: what is asked, and the form of the answer. */
export function profileSource(plan: Plan): string {
  const content = {
    prompt: plan.prompt ?? DEFAULT_PROMPT,
    fields: {
      ...(plan.isFilter ? FILTER_FIELDS : textField(plan.answerField ?? 'text')),
      confidence: { type: 'number', min: 0, max: 1, description: 'how sure you are of the answer' },
    },
    maxSide: plan.maxSide ?? DEFAULT_SIDE,
    ...ladderOf(plan),
  };
  return `# yaml-language-server: $schema=profile.schema.json\n# Imported from the settings of a Firebase extension.\n${stringify(content)}`;
}

/** The extension takes any name for the field, an answer letters, digits, _ and - alone. */
const textField = (name: string) => ({
  [nameObjection(name) ? name.replace(/\W+/g, '_').replace(/^(?=\d)|^_+|_+$/g, '') || 'text' : name]: {
    max: 8000,
    description: 'the answer to the question',
  },
});

const FILTER_FIELDS = {
  passes: { type: 'boolean', description: 'true when the picture may be shown' },
  reason: { max: 300, description: 'one sentence that names what was seen' },
};

function ladderOf({ model, maxOutputTokens }: Plan): { ladder?: unknown } {
  if (model === undefined && maxOutputTokens === undefined) return {};
  const [{ models, ...first }, ...others] = STANDARD_LADDER;
  const tokens = maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS;
  return {
    ladder: [
      { ...first, models: model === undefined ? models : [model], maxOutputTokens: tokens },
      ...others,
    ],
  };
}
